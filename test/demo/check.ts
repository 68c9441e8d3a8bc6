import { openPage } from '../harness/browser.ts';
import type { Demo } from './parts.ts';

/** Connects as a person would, by what can be read on the screen, sees the recorded resources in the tree, and previews one. */
export async function check(demo: Demo, browserPath: string, far: (detail: string) => void): Promise<void> {
  const { browser, editor, page } = await openPage(browserPath, demo.url);
  try {
    page.setDefaultTimeout(120_000);
    far('opening the view');
    await editor.openView('Coolify');
    far('typing address and token');
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
    far('opening a preview');
    await editor.press(/^image-basic, application/, 'Preview Manifests');
    await page.locator('.multiDiffEntry').first().waitFor();
    // The editor shows spaces as others, and cuts a line into parts.
    await page.locator('.multiDiffEntry').filter({ hasText: /kind:/ }).first().waitFor();
    await editor.screenshot('demo-check');
  } catch (error) {
    await editor.screenshot('demo-check-failed').catch(() => undefined);
    throw error;
  } finally {
    await browser.close();
  }
}
