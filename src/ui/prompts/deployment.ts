import type { DeploymentFacts, DeploymentMode } from '../../core';
import type { AccessRule } from '../../cluster';
import type { Translate } from '../tree/appearance';

/** What a person is told before anything is deployed. */
export interface DeploymentQuestion { message: string; detail: string; choices: { label: string; mode: DeploymentMode }[] }

export interface Circumstances {
  resource: string;
  destination: string;
  /** What the account may not do; undefined when it could not be asked. */
  missing: readonly AccessRule[] | undefined;
  /** Objects that are there and that somebody else made, as `service/web`. */
  foreign: readonly string[];
}

/** The question before a deployment. Data is the danger: what runs in Docker and has volumes is deployed asleep unless a person says otherwise. */
export function deploymentQuestion(facts: DeploymentFacts, { resource, destination, missing, foreign }: Circumstances, t: Translate): DeploymentQuestion {
  const lines = [
    t('{0} objects in the namespace {1}.', String(facts.objects), facts.namespace),
    facts.builds.length === 0 ? '' : t('Built on the server first: {0}.', facts.builds.join(', ')),
    facts.running === undefined ? '' : facts.running ? t('The Docker resource is running: yes.') : t('The Docker resource is running: no. It is stopped in Coolify, so it gets 0 replicas.'),
    facts.claims.length === 0 ? '' : facts.claims.length === 1 ? t('1 volume starts EMPTY: {0}.', facts.claims.join(', ')) : t('{0} volumes start EMPTY: {1}.', String(facts.claims.length), facts.claims.join(', ')),
    facts.scheduled.length === 0 ? '' : t('Scheduled jobs would run twice: {0}.', facts.scheduled.join(', ')),
    facts.warnings === 0 ? t('No findings to look at.') : t('{0} findings to look at (Preview Manifests shows them).', String(facts.warnings)),
    ...refusals(facts, t), ...permissions(missing, t),
    ...(foreign.length === 0 ? [] : ['', t('Made by somebody else, and taken over: {0}. Rename the resource or the namespace to leave them alone.', foreign.join(', '))]),
  ];
  return { message: t('Deploy {0} to {1}?', resource, destination), detail: lines.filter((line) => line !== '').join('\n'), choices: choices(facts, t).map(({ label, mode }) => ({ mode, label: foreign.length === 0 ? label : t('Take Over and {0}', label) })) };
}

function refusals({ refused }: DeploymentFacts, t: Translate): string[] {
  if (refused.length === 0) return [];
  return ['', t('Cannot be on Kubernetes, and is left out:'), ...refused.slice(0, 5).map(({ message }) => `• ${message}`), ...(refused.length > 5 ? [t('• and {0} more', String(refused.length - 5))] : [])];
}

function permissions(missing: readonly AccessRule[] | undefined, t: Translate): string[] {
  if (missing === undefined) return ['', t('What the account may do could not be asked.')];
  if (missing.length === 0) return [];
  return ['', t('The account may not: {0}. Test Destination shows the Role that would be enough.', missing.slice(0, 6).map(({ verb, resource }) => `${verb} ${resource}`).join(', '))];
}

function choices(facts: DeploymentFacts, t: Translate): DeploymentQuestion['choices'] {
  const run = { label: facts.refused.length > 0 ? t('Deploy Without These') : t('Deploy'), mode: 'run' as const };
  const atZero = { label: t('Deploy Scaled to 0'), mode: 'scaledToZero' as const };
  const trial = { label: t('Trial Run, Jobs Suspended'), mode: 'trial' as const };
  return facts.running === true && facts.claims.length > 0 ? [atZero, trial] : [run];
}
