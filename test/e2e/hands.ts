import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

/** What a person's hands do in VS Code's prompts, by role and name. */
export class Hands {
  constructor(readonly page: Page) {}

  /** Answers the input box whose prompt holds a text. */
  async answer(prompt: string | RegExp, text: string): Promise<void> {
    const box = await this.prompt(prompt);
    await box.fill(text);
    await box.press('Enter');
  }

  /** Types each bad answer to a prompt and checks that it is told what is wrong; then answers, or gives up where there is no answer. */
  async answerAfter(prompt: string | RegExp, bad: Record<string, string>, text?: string): Promise<void> {
    const box = await this.prompt(prompt);
    for (const [typed, told] of Object.entries(bad)) {
      await box.fill(typed);
      await expect.poll(() => this.message()).toContain(told);
      // Enter does not take it: the question stays.
      await box.press('Enter');
      expect(await this.message()).toContain(told);
    }
    if (text === undefined) { await this.page.keyboard.press('Escape'); return; }
    await box.fill(text);
    await box.press('Enter');
  }

  /** Chooses an entry of a row's context menu. */
  async menu(row: string | RegExp, entry: string | RegExp): Promise<void> {
    await (await this.reach(row)).click({ button: 'right' });
    await this.page.getByRole('menuitem', { name: entry }).click({ delay: 150 });
  }

  /** The input box whose prompt holds a text. */
  async prompt(prompt: string | RegExp): Promise<Locator> {
    await expect.poll(() => this.message(), { timeout: 20_000 }).toMatch(prompt);
    return this.page.locator('.quick-input-widget').getByRole('textbox').first();
  }

  message(): Promise<string> { return this.page.locator('#quickInput_message').innerText({ timeout: 500 }).catch(() => ''); }

  /** Chooses one row of a quick pick. */
  async choose(name: string | RegExp): Promise<void> {
    await this.page.getByRole('option', { name }).first().click({ timeout: 30_000 });
  }

  /** Presses a button of the modal dialog that holds a text, and returns all that it said. */
  async confirm(text: string | RegExp, button: string): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box').filter({ hasText: text });
    await dialog.waitFor({ timeout: 60_000 });
    const said = await dialog.innerText();
    await dialog.getByRole('button', { name: button, exact: true }).click();
    return said;
  }

  /** A toast that holds a text. */
  toast(text: string | RegExp): Locator { return this.page.locator('.notification-list-item').filter({ hasText: text }); }

  async dismissToasts(): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.getByRole('textbox', { name: 'Type the name of a command to run.' }).fill('>Notifications: Clear All Notifications');
    await this.page.getByRole('option', { name: /^Notifications: Clear All/ }).first().click();
  }

  row(name: string | RegExp): Locator { return this.page.getByRole('treeitem', { name, exact: true }); }

  /** Scrolls the tree until a row is in sight: rows out of sight do not exist. */
  async reach(name: string | RegExp, seconds = 60): Promise<Locator> {
    const row = this.row(name).first();
    const tree = this.page.getByRole('tree').first();
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      await tree.focus();
      await this.page.keyboard.press('Home');
      await tree.hover({ position: { x: 20, y: 200 } });
      for (let at = 0; at < 70; at++) {
        const off = await this.offset(row, tree);
        if (off === 0) return row;
        await this.page.mouse.wheel(0, off ?? 1200);
        await this.page.waitForTimeout(150);
      }
    }
    throw new Error(`There is no row ${String(name)} in the tree; there is: ${(await this.page.getByRole('treeitem').allInnerTexts()).join(' | ')}`);
  }

  /** How far to scroll until a row stands well inside the list, clear of the rows that stick to its top. Undefined when it is not there. */
  private async offset(row: Locator, tree: Locator): Promise<number | undefined> {
    if (!await row.isVisible()) return undefined;
    const [box, list] = [await row.boundingBox(), await tree.boundingBox()];
    if (box === null || list === null) return undefined;
    if (box.y + box.height > list.y + list.height) return 400;
    const stuck = await row.getAttribute('aria-level').then(Number) * box.height;
    const scrolled = await tree.locator('.monaco-tree-sticky-container .monaco-list-row').count() > 0;
    return scrolled && box.y < list.y + stuck ? -300 : 0;
  }

  /** Presses an inline button of a tree row. */
  async press(row: string | RegExp, button: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const found = await this.reach(row);
      const action = found.getByRole('button', { name: button }).first();
      await found.hover();
      if (await action.waitFor({ timeout: 2_000 }).then(() => true, () => false)) { await action.click(); return; }
      if (tries === 10) throw new Error(`The row ${String(row)} has no button ${button}.`);
    }
  }

  async unfold(name: string | RegExp): Promise<void> {
    const row = await this.reach(name);
    if (await row.getAttribute('aria-expanded') !== 'true') await row.click();
  }
}
