import * as vscode from 'vscode';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance, ResourceSummary } from '../../model/instance';
import { readDestinations } from '../host/settings';
import { choose } from './ask';

const { t } = vscode.l10n;

/** `server`: something can be deployed there; `cluster`: something can be compared with it. */
export type Need = 'any' | 'cluster' | 'server';

/** Destinations for a resource: those beside its own server first. */
export function fittingDestinations(instance: Instance, resource: ResourceSummary, need: Need): KubernetesDestination[] {
  const usable = readDestinations().filter(({ instance: origin, applyWith }) => (origin === undefined || origin === instance.origin) && (need === 'any' || applyWith === 'server' || (need === 'cluster' && applyWith === 'kubeconfig')));
  const near = (destination: KubernetesDestination): number => (destination.server === resource.serverUuid ? 0 : 1);
  return usable.sort((a, b) => near(a) - near(b));
}

/** The only fitting destination, or the one chosen. `none` when there is none to choose from; undefined when dismissed. */
export async function pickDestination(instance: Instance, resource: ResourceSummary, need: Need): Promise<KubernetesDestination | 'none' | undefined> {
  const fitting = fittingDestinations(instance, resource, need);
  if (fitting.length <= 1) return fitting[0] ?? 'none';
  return choose(resource.name, t('Kubernetes destination'), fitting.map((destination) => ({ label: destination.name, description: destination.ssh?.host ?? '', value: destination })));
}
