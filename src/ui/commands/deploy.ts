import * as vscode from 'vscode';
import type { AccessRule, Cluster } from '../../cluster';
import type { BuildOptions, Deployment, DeploymentMode, Revision } from '../../core';
import type { KubernetesDestination } from '../../model/destination';
import type { Instance, ResourceSummary } from '../../model/instance';
import type { KubectlOnServer } from '../../run';
import { loadCluster, loadCore, loadRemote } from '../host/bundles';
import { sshTarget, type Clusters } from '../host/clusters';
import { liveStateOf, type LiveState } from '../host/liveState';
import type { Connections } from '../host/connections';
import { revisionsOf } from '../host/revisions';
import { done, failed } from '../documents/runWords';
import { withProgress } from '../host/progress';
import type { RunRecord } from '../host/runRecords';
import type { Ending, Runs } from '../host/runs';
import type { Translator } from '../host/translator';
import { commands } from '../ids';
import { deploymentQuestion } from '../prompts/deployment';
import { pickDestination } from '../prompts/destination';

const { t } = vscode.l10n;

export interface DeployParts { translator: Translator; connections: Connections; clusters: Clusters; runs: Runs; output: vscode.OutputChannel }

/** From a resource to running pods: translate, ask, start, follow, and say how it ended. */
export async function deploy(parts: DeployParts, instance: Instance, resource: ResourceSummary, given?: KubernetesDestination): Promise<void> {
  const destination = given ?? await pickDestination(instance, resource, 'server');
  if (destination === 'none') { await offerDestination(resource); return; }
  if (destination === undefined) return;
  if (await isDeploying(parts.runs, destination, resource)) return;
  const ready = await withProgress(t('Preparing {0}', resource.name), (signal, report) => prepare(parts, instance, resource, destination, signal, report));
  if (ready === undefined) return;
  const mode = await confirm(ready, resource, destination);
  if (mode === undefined) return;
  const meant = { uuid: resource.uuid, name: resource.name };
  const started = await withProgress(t('Starting the deployment of {0}', resource.name), (signal) => parts.runs.start(destination, {
    action: 'deploy', resource: meant, namespace: ready.deployment.facts.namespace, instance: instance.origin, onServer: ready.onServer, signal,
    make: (options) => loadCore().deploymentPlan(ready.deployment.rendering, mode, meant, { ...options, ...(ready.builds && { builds: ready.builds }), ...(ready.live && { expect: ready.live.expect, adopt: ready.live.foreign }), ...(ready.previous && { returnTo: ready.previous }) }),
  }));
  if (started === undefined) return;
  parts.output.show(true);
  await report(await parts.runs.follow(started, destination, ready.deployment.secrets), started, destination, parts.output);
}

interface Ready { deployment: Deployment; onServer: KubectlOnServer; missing: AccessRule[] | undefined; live?: LiveState; builds?: BuildOptions; previous?: Revision }

async function prepare({ translator, connections, clusters }: DeployParts, instance: Instance, resource: ResourceSummary, destination: KubernetesDestination, signal: AbortSignal, report: (message: string) => void): Promise<Ready> {
  report(t('translating'));
  const [{ translated, deployKeys }, connection] = await Promise.all([translator.translateNewest(instance, resource, destination, signal), connections.to(sshTarget(destination), { signal })]);
  const { deployment } = translated;
  if (deployment === undefined || deployment.rendering.manifests.length === 0) throw new Error(translated.preview.findings.find(({ decision }) => decision === 'refused')?.message ?? t('{0}: nothing in it can run on Kubernetes.', resource.name));
  report(t('looking at the server'));
  const { manifests } = deployment.rendering;
  const [onServer, missing, live, revisions] = await Promise.all([
    loadRemote().kubectlOn(connection, destination, signal),
    fromCluster(clusters, destination, signal, (cluster) => cluster.missingPermissions(loadCluster().rulesFor(manifests), signal)),
    fromCluster(clusters, destination, signal, (cluster) => liveStateOf(cluster, manifests, signal)),
    destination.onFailure === 'goBack' ? revisionsOf(clusters, destination, resource, deployment.rendering.namespace, signal) : [],
  ]);
  const builds = buildsOf(deployment, destination, onServer, deployKeys);
  const [previous] = revisions;
  return { deployment, onServer, missing, ...(live && { live }), ...(previous && { previous }), ...(builds && { builds }) };
}

function buildsOf({ rendering }: Deployment, destination: KubernetesDestination, { images }: KubectlOnServer, deployKeys: ReadonlyMap<number, string>): BuildOptions | undefined {
  if (rendering.builds === undefined) return undefined;
  const options = loadCore().buildOptions(rendering.builds, destination.registry !== undefined, { ...images, deployKeys });
  if (typeof options === 'string') throw new Error(options);
  return options;
}

/** Undefined when the API server cannot be asked from here; the run's own checks then tell. */
async function fromCluster<T>(clusters: Clusters, destination: KubernetesDestination, signal: AbortSignal, ask: (cluster: Cluster) => Promise<T>): Promise<T | undefined> {
  try {
    return await ask(await clusters.of(destination, { signal }));
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

async function confirm({ deployment, missing, live }: Ready, resource: ResourceSummary, destination: KubernetesDestination): Promise<DeploymentMode | undefined> {
  const question = deploymentQuestion(deployment.facts, { resource: resource.name, destination: destination.name, missing, foreign: live?.foreign ?? [] }, t);
  const chosen = await vscode.window.showWarningMessage(question.message, { modal: true, detail: question.detail }, ...question.choices.map(({ label }) => label));
  return question.choices.find(({ label }) => label === chosen)?.mode;
}

/** One run for a resource at a time: a second wish shows the first one. */
async function isDeploying(runs: Runs, destination: KubernetesDestination, resource: ResourceSummary): Promise<boolean> {
  const running = (await runs.known()).find((record) => record.destinationId === destination.id && record.resource.uuid === resource.uuid);
  if (running === undefined) return false;
  const follow = t('Follow');
  if (await vscode.window.showWarningMessage(t('A deployment of {0} to {1} was started and may still be running.', resource.name, destination.name), { modal: true }, follow) === follow) await vscode.commands.executeCommand(commands.followRun);
  return true;
}

async function offerDestination(resource: ResourceSummary): Promise<void> {
  const add = t('Add Kubernetes Destination…');
  if (await vscode.window.showInformationMessage(t('There is no Kubernetes destination to deploy {0} to.', resource.name), add) === add) await vscode.commands.executeCommand(commands.addDestination);
}

/** Says how a run ended, in one sentence with the next step. */
export async function report(ending: Ending, record: RunRecord, destination: KubernetesDestination, output: vscode.OutputChannel): Promise<void> {
  const log = t('Show Log');
  const show = (chosen: string | undefined): void => { if (chosen === log) output.show(true); };
  const { name } = record.resource;
  switch (ending.kind) {
    case 'succeeded': show(await vscode.window.showInformationMessage(done(record, destination), log)); return;
    case 'cancelled': show(await vscode.window.showWarningMessage(t('The run of {0} was cancelled. What was applied before stays in the cluster.', name), log)); return;
    case 'died': show(await vscode.window.showErrorMessage(t('The run of {0} died with its server, or was killed; start it again.', name), log)); return;
    case 'unknown': show(await vscode.window.showWarningMessage(t('How the run of {0} ended is not known: {1}.', name, ending.reason), log)); return;
    case 'failed': {
      const [first] = ending.why;
      const why = first === undefined ? t('See the log for the reason.') : `${first.message} ${first.nextStep}`;
      show(await vscode.window.showErrorMessage(`${failed(record, destination)} ${why}`, log));
    }
  }
}
