import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultDestination } from '../../src/model/destination';
import { translateCompose } from '../../src/translate';
import type { Translation } from '../../src/translate';
import { composeModelProgram, composeModels } from '../harness/composeModel';
import type { ComposeProject } from '../harness/composeModel';
import { wholenessProblems } from './wholeness';

const folder = path.join(import.meta.dirname, '../fixtures/compose/hard');
const variables = { SET: 'set', EMPTY: '', SECRET_ENV: 'envsecretvalue99' };
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const program = composeModelProgram();

function readBeside(relative: string): string | undefined {
  const file = path.resolve(folder, relative);
  if (!file.startsWith(folder)) return undefined;
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
}

function translate(file: string): Translation {
  const dotEnv = Object.entries(variables).map(([name, value]) => `${name}=${value}`).join('\n');
  const result = translateCompose(readFileSync(path.join(folder, file), 'utf8'), { name: file.replace('.yaml', ''), source: file, seed: '1', destination: defaultDestination, dotEnv, readFile: readBeside });
  if (!('rendering' in result)) throw new Error(`${file}: ${result.message}`);
  return result;
}

/** Contents of configs, secrets and files that are mounted. */
function withContents(project: ComposeProject): ReadonlyMap<string, string> {
  for (const definition of [...Object.values(project.configs ?? {}), ...Object.values(project.secrets ?? {})]) {
    const content = definition.file !== undefined ? readBeside(definition.file) : definition.environment !== undefined ? (variables as Record<string, string>)[definition.environment] : undefined;
    if (content !== undefined) definition.content ??= content;
  }
  return new Map(Object.entries(project.services ?? {}).flatMap(([name, service]) => (service.volumes ?? []).flatMap((mount): [string, string][] => {
    const content = mount.type === 'bind' && mount.source !== undefined ? readBeside(mount.source) : undefined;
    return content === undefined ? [] : [[`${name}:${mount.target}`, content]];
  })));
}

describe('hard compose files', () => {
  const answers = program === undefined ? [] : composeModels(program, files.map((file) => ({ name: file.replace('.yaml', '').toLowerCase(), text: readFileSync(path.join(folder, file), 'utf8'), folder, environment: variables })));
  it.each(files.map((file, index) => ({ file, index })))('$file arrives whole', ({ file, index }) => {
    const answer = answers[index];
    const project = answer?.project;
    const { rendering } = translate(file);
    expect(rendering.manifests.length).toBeGreaterThan(0);
    if (answer === undefined) return;
    expect(project, answer.error).toBeDefined();
    if (project === undefined) return;
    const contents = withContents(project);
    expect(wholenessProblems(project, rendering.manifests, { files: contents, secrets: ['s3cr3tRedisPw', 'otherSecret9', 'correcthorsebattery', 'verysecrettokenvalue', 'envsecretvalue99'] }).map(({ kind, service, detail }) => `${kind}: ${service}: ${detail}`)).toEqual([]);
  });
});

describe('a name of its own', () => {
  const { rendering } = translate('own-names.yaml');
  const pod = (name: string): string => JSON.stringify(rendering.manifests.find((manifest) => /^(Deployment|StatefulSet)$/.test(manifest.kind) && manifest.metadata.name === name));

  it('leads to the pod itself, which only a Deployment lets keep its name', () => {
    for (const [name, hostname] of [['kafka', 'broker'], ['second', 'second']] as const) {
      expect(pod(name)).toContain(`"hostname":"${hostname}"`);
      expect(pod(name)).toContain('"kind":"Deployment"');
      expect(pod(name)).toContain('"strategy":{"type":"Recreate"}');
    }
    expect(pod('registry')).not.toContain('"hostname"');
  });

  it('opens the ports that are written out, not those of a scheme', () => {
    const ports = JSON.stringify(rendering.manifests.find((manifest) => manifest.kind === 'Service' && manifest.metadata.name === 'second'));
    expect(ports).toContain('29094');
    expect(ports).not.toContain('"port":80,');
  });
});

describe('files of other catalogues', () => {
  const { rendering } = translate('in-the-wild.yaml');
  const pod = (name: string): string => JSON.stringify(rendering.manifests.find((manifest) => /^(Deployment|StatefulSet)$/.test(manifest.kind) && manifest.metadata.name === name));

  it('let a check that asks by the own name ask the pod itself, and know a program from a host', () => {
    expect(pod('studio')).toContain('"hostname":"studio"');
    expect(pod('mysql')).toContain('"hostname":"mysql"');
    expect(pod('redpanda')).toContain('"hostname":"redpanda"');
    expect(pod('postgres')).not.toContain('"hostname"');
  });

  it('keep a word that is a password elsewhere, and a variable that has one inside in a Secret', () => {
    expect(pod('postgres')).toContain('"command":["pg_isready","-U","postgres"]');
    expect(pod('postgres')).toContain('"name":"POSTGRES_USER","value":"postgres"');
    expect(pod('app')).toContain('"name":"CONFIGURATION","valueFrom"');
  });

  it('let later mounts of the node appear', () => { expect(pod('app')).toContain('"mountPropagation":"HostToContainer"'); });
});

describe('members of a cluster', () => {
  const { rendering } = translate('clusters.yaml');
  const service = (name: string): string => JSON.stringify(rendering.manifests.find((manifest) => manifest.kind === 'Service' && manifest.metadata.name === name));

  it('are found before they are healthy; a front and a back that name one another are not one', () => {
    for (const name of ['minio1', 'minio2']) expect(service(name)).toContain('"publishNotReadyAddresses":true');
    for (const name of ['web', 'api']) expect(service(name)).not.toContain('publishNotReadyAddresses');
    expect(service('minio1')).toContain('"protocol":"SCTP"');
  });
});
