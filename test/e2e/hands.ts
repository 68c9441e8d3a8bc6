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

  row(name: string | RegExp): Locator { return this.page.getByRole('treeitem', { name }); }

  /** Presses an inline button of a tree row. */
  async press(row: string | RegExp, button: string): Promise<void> {
    const found = this.row(row).first();
    await found.scrollIntoViewIfNeeded();
    await found.hover();
    await found.getByRole('button', { name: button }).click();
  }

  async unfold(name: string | RegExp): Promise<void> {
    const row = this.row(name).first();
    await row.waitFor({ timeout: 60_000 });
    if (await row.getAttribute('aria-expanded') !== 'true') await row.click();
  }
}
