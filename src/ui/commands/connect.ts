import * as vscode from 'vscode';
import { CoolifyClient, type Access } from '../../coolify/client';
import { isCoolifyError } from '../../coolify/errors';
import type { Instance } from '../../model/instance';
import { forgetInstance, readInstances, saveInstance } from '../host/settings';
import { parseAddress } from '../host/parseSettings';
import type { SecretStore } from '../host/secretStore';

const { t } = vscode.l10n;

/** Asks for address and token until they work; saves both or nothing. */
export async function connect(tokens: SecretStore): Promise<void> {
  const address = await askAddress();
  if (address === undefined) return;
  const known = readInstances().find((instance) => instance.origin === address.origin);
  await signIn(tokens, known ?? { id: address.origin, name: address.host, url: address.url, origin: address.origin });
}

/** Asks for a token of an instance, checks it, and saves the instance with it. */
export async function signIn(tokens: SecretStore, instance: Instance): Promise<void> {
  for (;;) {
    const token = await askToken(instance);
    if (token === undefined) return;
    const outcome = await check(instance, token);
    if (outcome.kind === 'cancelled') return;
    if (outcome.kind === 'ok') { await save(tokens, instance, token, outcome.access); return; }
    const again = t('Try Again');
    if (await vscode.window.showErrorMessage(outcome.message, again) !== again) return;
  }
}

export async function removeInstance(tokens: SecretStore, instance: Instance): Promise<void> {
  const remove = t('Remove');
  const detail = t('The address and the token are forgotten. Nothing changes in Coolify.');
  if (await vscode.window.showWarningMessage(t('Remove {0}?', instance.name), { modal: true, detail }, remove) !== remove) return;
  await forgetInstance(instance.origin);
  await tokens.delete(instance.origin);
}

/** The instance meant when a command comes from the palette: the only one, or the one picked. */
export async function pickInstance(): Promise<Instance | undefined> {
  const instances = readInstances();
  if (instances.length <= 1) return instances[0];
  const items = instances.map((instance) => ({ label: instance.name, description: instance.origin, instance }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Coolify instance') }))?.instance;
}

async function save(tokens: SecretStore, instance: Instance, token: string, access: Access): Promise<void> {
  const before = await tokens.get(instance.origin);
  await tokens.set(instance.origin, token);
  try {
    await saveInstance(instance);
  } catch (error) {
    await (before === undefined ? tokens.delete(instance.origin) : tokens.set(instance.origin, before));
    throw error;
  }
  const message = t('Connected to {0}: Coolify {1}, {2}.', instance.name, access.version, access.team);
  if (access.warning !== undefined) void vscode.window.showWarningMessage(`${message} ${access.warning}`);
  else void vscode.window.showInformationMessage(message);
}

async function askAddress(): Promise<{ url: string; origin: string; host: string } | undefined> {
  const typed = await vscode.window.showInputBox({
    title: t('Connect to Instance (1/2)'), prompt: t('Address of the Coolify dashboard'), placeHolder: 'https://coolify.example.com', ignoreFocusOut: true,
    validateInput: (value) => {
      const address = parseAddress(value);
      if (address.kind === 'bad') return value === '' ? undefined : addressProblem(address.reason);
      return address.plain ? { message: t('Over http:// the token travels unencrypted.'), severity: vscode.InputBoxValidationSeverity.Warning } : undefined;
    },
  });
  if (typed === undefined) return undefined;
  const address = parseAddress(typed);
  if (address.kind === 'ok') return address;
  void vscode.window.showErrorMessage(addressProblem(address.reason));
  return undefined;
}

function addressProblem(reason: 'empty' | 'notUrl' | 'notHttp' | 'credentials'): string {
  switch (reason) {
    case 'empty': return t('An address is needed, such as https://coolify.example.com.');
    case 'notUrl': return t('This is not an address; it should look like https://coolify.example.com.');
    case 'notHttp': return t('Only https:// and http:// addresses can be used.');
    case 'credentials': return t('Leave user name and password out of the address; the token is asked for next.');
  }
}

async function askToken(instance: Instance): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title: t('Connect to Instance (2/2)'), prompt: t('API token for {0} (Coolify: Keys & Tokens → API tokens; permissions read and read:sensitive)', instance.origin),
    placeHolder: t('API token'), password: true, ignoreFocusOut: true,
    validateInput: (value) => {
      const token = value.trim();
      return token === '' || /^[\x21-\x7e]+$/.test(token) ? undefined : t('A token holds no spaces and only plain characters.');
    },
  });
  const token = typed?.trim();
  if (token === '') { void vscode.window.showErrorMessage(t('A token is needed to connect.')); return undefined; }
  return token;
}

type Outcome = { kind: 'ok'; access: Access } | { kind: 'failed'; message: string } | { kind: 'cancelled' };

function check(instance: Instance, token: string): Thenable<Outcome> {
  const options = { location: vscode.ProgressLocation.Notification, title: t('Checking {0}', instance.origin), cancellable: true };
  return vscode.window.withProgress(options, async (_progress, cancellation): Promise<Outcome> => {
    const abort = new AbortController();
    cancellation.onCancellationRequested(() => { abort.abort(); });
    try {
      return { kind: 'ok', access: await new CoolifyClient({ url: instance.url, token }).checkAccess(abort.signal) };
    } catch (error) {
      if (!isCoolifyError(error)) throw error;
      return error.kind === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', message: error.message };
    }
  });
}
