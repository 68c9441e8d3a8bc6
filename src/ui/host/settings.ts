import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance } from '../../model/instance';
import { isObject } from '../../text/json';
import { settings } from '../ids';
import { mergeDestinations, parseDestinations, parseInstances, type Parsed, type SettingFault } from './parseSettings';

const configuration = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(settings.section);
const userValue = (name: string): unknown => configuration().inspect(name)?.globalValue;

/** Instances come from user settings alone: a cloned repository must not be able to redirect a token. */
export function readInstances(): Instance[] {
  return parseInstances(userValue(settings.instances)).entries;
}

/** A workspace that is trusted may set policies; who is connected to comes from user settings alone. */
export function readDestinations(): KubernetesDestination[] {
  return mergeDestinations(parseDestinations(userValue(settings.destinations)).entries, workspaceDestinations().entries);
}

function workspaceDestinations(): Parsed<KubernetesDestination> {
  const found = configuration().inspect(settings.destinations);
  return parseDestinations(vscode.workspace.isTrusted ? found?.workspaceFolderValue ?? found?.workspaceValue : undefined);
}

/** What is wrong with the settings of the user, and of a workspace that is trusted. */
export function settingFaults(): SettingFault[] {
  return [parseInstances(userValue(settings.instances)), parseDestinations(userValue(settings.destinations)), workspaceDestinations()].flatMap(({ faults }) => faults);
}

/** Adds a destination to the user's settings, or replaces the one of its id. */
export async function saveDestination({ kind: _kind, ...destination }: KubernetesDestination): Promise<void> {
  await replace(settings.destinations, (entry) => isObject(entry) && entry['id'] === destination.id, destination);
}

export async function forgetDestination(id: string): Promise<void> {
  await replace(settings.destinations, (entry) => isObject(entry) && entry['id'] === id);
}

export async function saveInstance({ name, url, origin }: Instance): Promise<void> {
  await replace(settings.instances, hasOrigin(origin), { name, url });
}

export async function forgetInstance(origin: string): Promise<void> {
  await replace(settings.instances, hasOrigin(origin));
}

const hasOrigin = (origin: string) => (entry: unknown): boolean => parseInstances([entry]).entries[0]?.origin === origin;

/** Puts an entry in the place of those it replaces, or at the end. The others stay as they were written, also those that cannot be used. */
async function replace(setting: string, isReplaced: (entry: unknown) => boolean, by?: object): Promise<void> {
  const written = userValue(setting) ?? [];
  if (!Array.isArray(written)) throw new Error(vscode.l10n.t('The setting {0} is no list, so nothing can be saved in it. Mend it in the settings and try again.', `${settings.section}.${setting}`));
  const entries: unknown[] = written;
  const at = entries.findIndex(isReplaced);
  const kept = entries.flatMap((entry, index) => (!isReplaced(entry) ? [entry] : index === at && by !== undefined ? [by] : []));
  await configuration().update(setting, at < 0 && by !== undefined ? [...entries, by] : kept, vscode.ConfigurationTarget.Global);
}
