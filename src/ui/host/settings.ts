import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance } from '../../model/instance';
import { settings } from '../ids';
import { parseDestinations, parseInstances } from './parseSettings';

const configuration = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(settings.section);

/** Instances come from user settings alone: a cloned repository must not be able to redirect a token. */
export function readInstances(): Instance[] {
  return parseInstances(configuration().inspect(settings.instances)?.globalValue);
}

export function readDestinations(): KubernetesDestination[] {
  return parseDestinations(configuration().get(settings.destinations));
}

export async function saveInstance(instance: Instance): Promise<void> {
  const others = readInstances().filter((other) => other.origin !== instance.origin);
  await writeInstances([...others, instance]);
}

export async function forgetInstance(origin: string): Promise<void> {
  await writeInstances(readInstances().filter((instance) => instance.origin !== origin));
}

async function writeInstances(instances: readonly Instance[]): Promise<void> {
  await configuration().update(settings.instances, instances.map(({ name, url }) => ({ name, url })), vscode.ConfigurationTarget.Global);
}
