import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exportFiles } from '../../../../src/engine/kubernetes/exports';
import type { ExportFormat } from '../../../../src/engine/kubernetes/exports';
import { splitImage } from '../../../../src/engine/kubernetes/exportKustomize';
import { defaultDestination } from '../../../../src/model/destination';
import type { Rendering } from '../../../../src/model/rendering';
import { isObject } from '../../../../src/text/json';
import type { Json } from '../../../../src/text/json';
import { readYaml } from '../../../../src/text/yaml';
import { translateCompose } from '../../../../src/translate';
import { findTool } from '../../../harness/tools';

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

function written(format: ExportFormat): string {
  const target = path.join(folder, format);
  for (const [name, text] of exportFiles(rendering(), 'demo', format)) {
    mkdirSync(path.dirname(path.join(target, name)), { recursive: true });
    writeFileSync(path.join(target, name), text);
  }
  return target;
}

/** Objects of a stream of documents by kind and name. */
function objects(stream: string): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const document of stream.split(/^---.*$/m).filter((part) => part.trim() !== '')) {
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
    const rendered = execFileSync(helm, ['template', 'demo', written('helm'), '--namespace', 'demo'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(objects(rendered)).toEqual(expected());
    const changed = execFileSync(helm, ['template', 'demo', path.join(folder, 'helm'), '--namespace', 'other', '--set', 'images.postgres.tag=17,storage.className=fast'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(changed).toContain('image: postgres:17');
    expect(changed).toContain('storageClassName: "fast"');
    expect(changed).not.toContain('namespace: demo');
  }, 60_000);
  it('for Kustomize is, built by kubectl, what the translation made', (context) => {
    const kubectl = findTool('kubectl');
    if (kubectl === undefined) { if (process.env['REQUIRE'] === 'full') throw new Error('kubectl is not installed'); context.skip('skipped, because kubectl is not installed'); return; }
    const built = objects(execFileSync(kubectl, ['kustomize', written('kustomize')], { encoding: 'utf8' }));
    expect([...built.keys()].filter((key) => !key.startsWith('Namespace/')).sort()).toEqual([...expected().keys()].sort());
    for (const [key, object] of expected()) expect(built.get(key)).toEqual(object);
  }, 60_000);
});

it.each([['nginx', { name: 'nginx' }], ['host:5000/a/b', { name: 'host:5000/a/b' }], ['host:5000/a:1', { name: 'host:5000/a', tag: '1' }], ['a@sha256:ff', { name: 'a', digest: 'sha256:ff' }]])('takes %s apart', (image, parts) => { expect(splitImage(image)).toEqual(parts); });
