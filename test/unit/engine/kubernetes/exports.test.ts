import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exportFiles } from '../../../../src/engine/kubernetes/exports';
import type { ExportFormat } from '../../../../src/engine/kubernetes/exports';
import { splitImage } from '../../../../src/engine/kubernetes/exportKustomize';
import { defaultDestination } from '../../../../src/model/destination';
import type { Bundle } from '../../../../src/model/instance';
import type { Rendering } from '../../../../src/model/rendering';
import { isObject } from '../../../../src/text/json';
import type { Json } from '../../../../src/text/json';
import { readYaml } from '../../../../src/text/yaml';
import { translateBundle, translateCompose } from '../../../../src/translate';
import { findTool } from '../../../harness/tools';
import { hasCorpus, recordedBundles } from '../../bundles';

const folder = mkdtempSync(path.join(tmpdir(), 'coolify-kubernetes-export-'));
afterAll(() => { rmSync(folder, { recursive: true }); });
const compose = `
services:
  web-ui:
    image: registry.example.com:5000/team/web:1.2
    environment: [SERVICE_URL_WEB_UI_8080, "TEMPLATE={{ .Values.x }}", "MULTI=a\\"b", "DATABASE_URL=postgres://app:\${SERVICE_PASSWORD_DB}@db:5432/app"]
    deploy: {resources: {limits: {memory: 256m}}}
    configs: [{source: conf, target: /etc/web.conf}]
  db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: $SERVICE_PASSWORD_DB}, volumes: ["data:/var/lib/postgresql/data"]}
configs: {conf: {content: "greeting = {{name}}"}}
`;

function rendering(): Rendering {
  const made = translateCompose(compose, { name: 'demo', source: 'demo.yaml', seed: '1', destination: { ...defaultDestination, namespace: 'demo', ingress: { kind: 'traefik' }, tls: { kind: 'cert-manager', issuer: 'le' }, scale: { autoscale: { minimum: 1, maximum: 3 } } } });
  if (!('rendering' in made)) throw new Error(made.message);
  return made.rendering;
}

function written(format: ExportFormat, of = rendering(), title = 'demo'): string {
  const target = mkdtempSync(path.join(folder, `${format}-`));
  for (const [name, text] of exportFiles(of, title, format)) {
    mkdirSync(path.dirname(path.join(target, name)), { recursive: true });
    writeFileSync(path.join(target, name), text);
  }
  return target;
}

const application = (resource: Record<string, unknown>, more: Partial<Bundle> = {}): Bundle => ({
  kind: 'application', envs: [], storages: {}, scheduledTasks: [], backups: [], ...more,
  resource: { uuid: 'abcdefghijklmnopqrstuvwx', name: 'shop', build_pack: 'dockerimage', docker_registry_image_name: 'nginx', ports_exposes: '3000', settings: {}, ...resource },
});
const values = { TPL: '{{ .Values.x }} {{- end }}', LINES: 'a\nb\n  {{x}}\n', DOLLAR: '$HOME $$x ${A}', QUOTES: '"\'\\ `', NUMBER: '123', OCTAL: '0o17', UNICODE: 'ü\u2028😀', EMPTY: '', PASSWORD: 'a{{b}}<c>&1234567', TOKEN: 'HELMTOKEN000000X' };
const hostile = application({ fqdn: 'https://a.example.com,http://b.example.com:8080/x', is_http_basic_auth_enabled: true, http_basic_auth_username: 'u', http_basic_auth_password: 'p{{x}}$1' }, {
  envs: Object.entries(values).map(([key, value]) => ({ key, value, is_runtime: true, is_literal: true, is_multiline: true })), scheduledTasks: [{ uuid: 't', name: 't', command: 'echo {{x}} "$HOME"', frequency: 'daily' }],
  storages: { persistent_storages: [{ uuid: 's', name: 'data', mount_path: '/data' }], file_storages: [{ uuid: 'f', fs_path: '/x', mount_path: '/etc/x.conf', content: 'a {{ b }}\n\ttab\n---\nkey: $x\r\nend' }, { uuid: 'g', fs_path: '/y', mount_path: '/etc/y.conf', content: '{{- if x -}}\n  HELMTOKEN000001X\n' }] },
});
/** Images that a list by name cannot tell apart, or would change. */
const versions = application({ build_pack: 'dockercompose', docker_compose_raw: `services:\n  a: {image: "postgres:15"}\n  b: {image: "postgres:16"}\n  c: {image: nginx}\n  d: {image: "host:5000/x:1@sha256:${'a'.repeat(64)}"}\n  e: {image: "y@sha256:${'b'.repeat(64)}"}\n` });

function renderingOf(bundle: Bundle): Rendering {
  const made = translateBundle(bundle, { ...defaultDestination, ingress: { kind: 'traefik' }, tls: { kind: 'cert-manager', issuer: 'le' } });
  if (!('rendering' in made)) throw new Error(made.message);
  return made.rendering;
}

/** Objects of a stream of documents by kind and name. */
function objects(stream: string): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const document of stream.split(/^---$/m).filter((part) => part.trim() !== '')) {
    const yaml = readYaml(document);
    if ('kind' in yaml) throw new Error(yaml.message);
    if (isObject(yaml.value) && isObject(yaml.value['metadata'])) found.set(`${String(yaml.value['kind'])}/${String(yaml.value['metadata']['name'])}`, yaml.value);
  }
  return found;
}

/** In a fixed namespace names end in a hash of the resource. */
function named(kind: string, start: string): string {
  return rendering().manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name.startsWith(start))?.metadata.name ?? '';
}

const expected = (): Map<string, Json> => new Map(rendering().manifests.filter(({ kind }) => kind !== 'Namespace').map((manifest) => [`${manifest.kind}/${manifest.metadata.name}`, JSON.parse(JSON.stringify(manifest)) as Json]));

describe('an export', () => {
  it('as a chart says in its values what a person changes', () => {
    const files = exportFiles(rendering(), 'My App', 'helm');
    const yaml = readYaml(files.get('values.yaml') ?? '');
    if ('kind' in yaml) throw new Error(yaml.message);
    expect(yaml.value).toMatchObject({
      images: { 'registry-example-com-5000-team-web': { repository: 'registry.example.com:5000/team/web', tag: '1.2' }, postgres: { tag: '16' } }, storage: { className: '', sizes: { [named('PersistentVolumeClaim', 'data')]: '10Gi' } },
      domains: { 'web-ui-demo.127.0.0.1.sslip.io': 'web-ui-demo.127.0.0.1.sslip.io' }, env: { [named('Deployment', 'web-ui')]: { TEMPLATE: '{{ .Values.x }}' } }, resources: { [named('Deployment', 'web-ui')]: { limits: { memory: '268435456' } } },
      secrets: { [named('Secret', 'db')]: { POSTGRES_PASSWORD: expect.stringMatching(/^[A-Za-z0-9]{32}$/) as string } },
    });
    expect(files.get('Chart.yaml')).toContain('name: my-app');
    expect([...files.keys()].some((name) => name.startsWith('templates/namespace'))).toBe(false);
  });
  it('as a chart is, rendered by Helm, what the translation made', (context) => {
    const helm = findTool('helm');
    if (helm === undefined) { if (process.env['REQUIRE'] === 'full') throw new Error('helm is not installed'); context.skip('skipped, because helm is not installed'); return; }
    const chart = written('helm');
    const template = (...more: string[]): string => execFileSync(helm, ['template', 'demo', chart, ...more], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(objects(template('--namespace', 'demo'))).toEqual(expected());
    const web = named('Deployment', 'web-ui');
    const database = named('StatefulSet', 'db');
    const values = {
      images: { postgres: { tag: '17', digest: `sha256:${'a'.repeat(64)}` } }, storage: { className: 'fast', sizes: { [named('PersistentVolumeClaim', 'data')]: '99Gi' } }, domains: { 'web-ui-demo.127.0.0.1.sslip.io': 'shop.example.com' },
      env: { [web]: { TEMPLATE: 'changed' } }, resources: { [web]: { limits: { memory: '1Gi' } }, [database]: { limits: { cpu: '2' } } }, replicas: { [database]: 0 }, secrets: { [named('Secret', 'db')]: { POSTGRES_PASSWORD: 'another' } },
    };
    const file = path.join(chart, 'other-values.yaml');
    writeFileSync(file, JSON.stringify(values));
    const changed = objects(template('--namespace', 'other', '--values', file));
    const at = (kind: string, name: string): string => JSON.stringify(changed.get(`${kind}/${name}`));
    expect(at('StatefulSet', database)).toContain(`"image":"postgres:17@sha256:${'a'.repeat(64)}"`);
    expect(changed.get(`StatefulSet/${database}`)).toMatchObject({ spec: { replicas: 0, template: { spec: { containers: [{ resources: { limits: { cpu: '2' } } }] } } } });
    expect(changed.get(`PersistentVolumeClaim/${named('PersistentVolumeClaim', 'data')}`)).toMatchObject({ spec: { storageClassName: 'fast', resources: { requests: { storage: '99Gi' } } } });
    expect(at('Ingress', named('Ingress', 'web-ui'))).toContain('"host":"shop.example.com"');
    expect(at('Deployment', web)).toContain('"value":"changed"');
    expect(at('Deployment', web)).toContain('"memory":"1Gi"');
    expect(changed.get(`Secret/${named('Secret', 'db')}`)).toMatchObject({ data: { POSTGRES_PASSWORD: Buffer.from('another').toString('base64') } });
    // A changed secret replaces the pods.
    const checksum = (of: ReadonlyMap<string, Json>): unknown => /"checksum\/config":"([0-9a-f]{32})"/.exec(JSON.stringify(of.get(`StatefulSet/${database}`)))?.[1];
    expect(checksum(changed)).not.toBe(checksum(expected()));
    expect(checksum(changed)).toBeDefined();
    expect(JSON.stringify([...changed.values()])).not.toContain('"namespace":"demo"');
  }, 60_000);
  it('is the translation, rendered by the real tools, whatever stands in its texts', (context) => {
    const [helm, kubectl] = [findTool('helm'), findTool('kubectl')];
    if (helm === undefined || kubectl === undefined) { if (process.env['REQUIRE'] === 'full') throw new Error('helm or kubectl is not installed'); context.skip('skipped, because helm or kubectl is not installed'); return; }
    for (const bundle of [hostile, versions, ...(hasCorpus ? recordedBundles().filter((_bundle, index) => index % 23 === 0) : [])]) {
      const made = renderingOf(bundle);
      const wanted = new Map(made.manifests.map((manifest): [string, Json] => [`${manifest.kind}/${manifest.metadata.name}`, JSON.parse(JSON.stringify(manifest)) as Json]));
      expect(objects(execFileSync(kubectl, ['kustomize', written('kustomize', made)], { encoding: 'utf8' }))).toEqual(wanted);
      for (const key of wanted.keys()) if (key.startsWith('Namespace/')) wanted.delete(key);
      expect(objects(execFileSync(helm, ['template', 'demo', written('helm', made, 'What {{ever}}: "it" is'), '--namespace', made.namespace], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))).toEqual(wanted);
    }
  }, 120_000);
  it('for Kustomize is, built by kubectl, what the translation made', (context) => {
    const kubectl = findTool('kubectl');
    if (kubectl === undefined) { if (process.env['REQUIRE'] === 'full') throw new Error('kubectl is not installed'); context.skip('skipped, because kubectl is not installed'); return; }
    const built = objects(execFileSync(kubectl, ['kustomize', written('kustomize')], { encoding: 'utf8' }));
    expect([...built.keys()].filter((key) => !key.startsWith('Namespace/')).sort()).toEqual([...expected().keys()].sort());
    for (const [key, object] of expected()) expect(built.get(key)).toEqual(object);
  }, 60_000);
});

it.each([['nginx', { name: 'nginx' }], ['host:5000/a/b', { name: 'host:5000/a/b' }], ['host:5000/a:1', { name: 'host:5000/a', tag: '1' }], ['a@sha256:ff', { name: 'a', digest: 'sha256:ff' }]])('takes %s apart', (image, parts) => { expect(splitImage(image)).toEqual(parts); });
