import { openPage } from '../harness/browser.ts';
import type { Demo } from './parts.ts';

/** Connects as a person would, by what can be read on the screen, and ends when the recorded resources are seen in the tree. */
export async function check(demo: Demo, browserPath: string, far: (detail: string) => void): Promise<void> {
  const { browser, editor, page } = await openPage(browserPath, demo.url);
  try {
    page.setDefaultTimeout(60_000);
    far('typing address and token');
    await editor.openView('Coolify');
    await editor.runCommand('Coolify: Connect to Instance…');
    const address = editor.input(/coolify\.example\.com/);
    await address.fill(demo.coolify.url);
    await address.press('Enter');
    const token = editor.input(/API token/);
    await token.fill(demo.token);
    await token.press('Enter');
    far('reading the tree');
    await editor.row(/, Coolify instance/).first().waitFor();
    await editor.expand(/, Coolify instance/);
    await editor.row(/^prod-1, server/).first().waitFor();
    for (const row of ['Projects', 'Shop', 'production']) await editor.expand(row);
    await editor.row(/^image-basic, application/).first().waitFor();
    await editor.screenshot('demo-check');
  } catch (error) {
    await editor.screenshot('demo-check-failed').catch(() => undefined);
    throw error;
  } finally {
    await browser.close();
  }
}
