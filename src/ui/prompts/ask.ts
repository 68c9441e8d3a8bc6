import * as vscode from 'vscode';

/** A choice with what it stands for. */
export interface Choice<T> extends vscode.QuickPickItem { value: T }

/** One choice of several; undefined when it was dismissed. Only one possible answer is no question. */
export async function choose<T>(title: string, placeHolder: string, choices: readonly Choice<T>[]): Promise<T | undefined> {
  return (await vscode.window.showQuickPick(choices, { title, placeHolder, ignoreFocusOut: true }))?.value;
}

export interface Question {
  title: string;
  prompt: string;
  value?: string;
  placeHolder?: string;
  password?: boolean;
  /** What is wrong with a text, in one sentence; undefined when it can be used. */
  problem: (typed: string) => string | undefined;
}

/** A text without problems, trimmed; undefined when it was dismissed. */
export async function ask({ problem, ...rest }: Question): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({ ...rest, ignoreFocusOut: true, validateInput: (text) => problem(text.trim()) });
  return typed?.trim();
}
