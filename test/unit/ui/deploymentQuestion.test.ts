import { describe, expect, it } from 'vitest';
import type { DeploymentFacts } from '../../../src/core';
import type { Finding } from '../../../src/model/finding';
import { deploymentQuestion } from '../../../src/ui/prompts/deployment';

const t = (message: string, ...values: string[]): string => message.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? '');
const refusal: Finding = { code: 'CK1', decision: 'refused', severity: 'error', origin: { source: 'x', path: 'y' }, message: 'The Docker socket cannot be mounted.' };
const facts: DeploymentFacts = { namespace: 'shop-1', objects: 5, running: true, claims: ['data'], scheduled: ['backup'], refused: [], builds: [], warnings: 0 };
const ask = (more: Partial<DeploymentFacts>, missing: Parameters<typeof deploymentQuestion>[1]['missing'] = [], foreign: string[] = []) => deploymentQuestion({ ...facts, ...more }, { resource: 'shop', destination: 'prod', missing, foreign }, t);

describe('the question before a deployment', () => {
  it('puts data first: what runs in Docker with volumes is deployed asleep, or as a trial', () => {
    const { message, detail, choices } = ask({});
    expect(message).toBe('Deploy shop to prod?');
    expect(detail).toContain('The Docker resource is running: yes.');
    expect(detail).toContain('1 volume starts EMPTY: data.');
    expect(detail).toContain('Scheduled jobs would run twice: backup.');
    expect(choices.map(({ mode }) => mode)).toEqual(['scaledToZero', 'trial']);
  });
  it('names what is built first, and what others made, which takes a button of its own', () => {
    const { detail, choices } = ask({ claims: [], builds: ['registry.example.com/shop:1'] }, [], ['service/web']);
    expect(detail).toContain('Built on the server first: registry.example.com/shop:1.');
    expect(detail).toContain('Made by somebody else, and taken over: service/web.');
    expect(choices).toEqual([{ label: 'Take Over and Deploy', mode: 'run' }]);
  });
  it('deploys plainly what has no data, or is stopped', () => {
    expect(ask({ claims: [] }).choices.map(({ mode }) => mode)).toEqual(['run']);
    const stopped = ask({ running: false });
    expect(stopped.choices.map(({ mode }) => mode)).toEqual(['run']);
    expect(stopped.detail).toContain('0 replicas');
  });
  it('names what is left out, and says so on the button', () => {
    const { detail, choices } = ask({ claims: [], refused: Array.from({ length: 7 }, () => refusal) });
    expect(detail).toContain('The Docker socket cannot be mounted.');
    expect(detail).toContain('and 2 more');
    expect(choices.map(({ label }) => label)).toEqual(['Deploy Without These']);
  });
  it('names permissions that are missing, and says when they could not be asked', () => {
    expect(ask({}, [{ verb: 'create', group: '', resource: 'secrets', namespace: 'shop-1' }]).detail).toContain('may not: create secrets');
    expect(deploymentQuestion(facts, { resource: 'shop', destination: 'prod', missing: undefined, foreign: [] }, t).detail).toContain('could not be asked');
  });
});
