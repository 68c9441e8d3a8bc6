import * as vscode from 'vscode';
import { settings } from '../ids';
import { settingFaults } from './settings';

const { t } = vscode.l10n;

/** Tells what is wrong with the settings, once for each state of them: an entry that is left out in silence looks like a fault of the extension. */
export class SettingProblems {
  private told = '';

  tell(): void {
    const faults = settingFaults();
    const sentences = faults.map(({ entry, message, leftOut }) => `${settings.section}.${entry}: ${message}.${leftOut ? ` ${t('It is left out until it is mended.')}` : ''}`);
    const all = sentences.slice(0, 5).join('\n') + (sentences.length > 5 ? `\n${t('And {0} more.', String(sentences.length - 5))}` : '');
    if (all === this.told) return;
    this.told = all;
    if (all !== '') void this.show(all);
  }

  private async show(text: string): Promise<void> {
    const open = t('Open Settings');
    if (await vscode.window.showWarningMessage(text, open) === open) await vscode.commands.executeCommand('workbench.action.openSettingsJson');
  }
}
