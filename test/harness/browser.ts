/** A browser that a test drives as a person does. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { browserPackages, ensurePackages } from './packages.ts';

export const artefacts = path.resolve(import.meta.dirname, '../../artefacts');

const places = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

export function findBrowser(): string | undefined { return places.find((place) => place !== '' && existsSync(place)); }

/** The browser's path; Debian's package is installed where that was agreed to, else this says why there is none. */
export function requireBrowser(): { path: string } | { missing: string } {
  const found = findBrowser();
  if (found !== undefined) return { path: found };
  const reason = ensurePackages(browserPackages);
  const installed = findBrowser();
  return installed === undefined ? { missing: `there is no Chromium (its path may be given in CHROMIUM): ${reason ?? 'it was installed but is not where it is looked for'}` } : { path: installed };
}

export interface Session { page: Page; browser: Browser; editor: Editor }

/** A browser that reaches no address but this machine's own. */
export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'] });
}

export async function openPage(executablePath: string, url: string): Promise<Session> {
  const browser = await launchBrowser(executablePath);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] });
  // VS Code keeps secrets over a reload only with a key from its server.
  const key = randomBytes(32);
  await context.route('**/mint-key', (route) => route.fulfill({ body: key }));
  // A machine that builds something else beside is slow, not broken.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(url, { timeout: 120_000, waitUntil: 'commit' });
  await page.locator('.monaco-workbench').waitFor();
  return { page, browser, editor: new Editor(page) };
}

/** VS Code by its roles and names. */
export class Editor {
  private readonly page: Page;
  // No parameter property: Node runs this file by leaving types out.
  constructor(page: Page) { this.page = page; }

  /** The first view of a page is there only when all extensions are known, which takes long on a busy machine. */
  async openView(name: string): Promise<void> { await this.page.getByRole('tab', { name }).first().click({ timeout: 240_000 }); }

  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.getByRole('textbox', { name: 'Type the name of a command to run.' }).fill(`>${title}`);
    const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    await this.page.getByRole('option', { name: new RegExp(`^${escaped}($|,)`) }).first().click();
  }

  row(name: string | RegExp): Locator { return this.page.getByRole('treeitem', { name }); }

  async expand(name: string | RegExp): Promise<void> {
    const row = this.row(name).first();
    await row.waitFor();
    if (await row.getAttribute('aria-expanded') !== 'true') await row.click();
  }

  /** Presses a button of a row. The tree keeps rows just outside of what it shows, where nothing can be pointed at; scrolling brings them in. */
  async press(name: string | RegExp, button: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const row = this.row(name).first();
      await row.hover();
      if (await row.getByRole('button', { name: button }).click({ timeout: 2_000 }).then(() => true, () => false)) return;
      if (tries === 10) throw new Error(`The row ${String(name)} has no button ${button}.`);
      await this.page.mouse.wheel(0, 150);
    }
  }

  input(name: RegExp): Locator { return this.page.getByRole('textbox', { name }); }
  validation(): Locator { return this.page.locator('#quickInput_message'); }
  notification(text: string | RegExp): Locator { return this.page.locator('.notification-list-item').filter({ hasText: text }); }

  async screenshot(name: string): Promise<void> {
    mkdirSync(artefacts, { recursive: true });
    await this.page.screenshot({ path: path.join(artefacts, `${name}.png`) });
  }
}
