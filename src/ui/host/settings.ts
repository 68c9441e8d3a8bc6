import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance } from '../../model/instance';
import { settings } from '../ids';
import { mergeDestinations, parseDestinations, parseInstances } from './parseSettings';

const configuration = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(settings.section);

/** Instances come from user settings alone: a cloned repository must not be able to redirect a token. */
export function readInstances(): Instance[] {
  return parseInstances(configuration().inspect(settings.instances)?.globalValue);
}

/** A workspace that is trusted may set policies; who is connected to comes from user settings alone. */
export function readDestinations(): KubernetesDestination[] {
  const found = configuration().inspect(settings.destinations);
  return mergeDestinations(parseDestinations(found?.globalValue), vscode.workspace.isTrusted ? parseDestinations(found?.workspaceFolderValue ?? found?.workspaceValue) : []);
}

/** Adds a destination to the user's settings, or replaces the one of its id. */
export async function saveDestination(destination: KubernetesDestination): Promise<void> {
  const others = parseDestinations(configuration().inspect(settings.destinations)?.globalValue);
  const at = others.findIndex(({ id }) => id === destination.id);
  await writeDestinations(at < 0 ? [...others, destination] : others.with(at, destination));
}

export async function forgetDestination(id: string): Promise<void> {
  await writeDestinations(parseDestinations(configuration().inspect(settings.destinations)?.globalValue).filter((other) => other.id !== id));
}

async function writeDestinations(destinations: readonly KubernetesDestination[]): Promise<void> {
  await configuration().update(settings.destinations, destinations.map(({ kind: _kind, ...written }) => written), vscode.ConfigurationTarget.Global);
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
