import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderCompose } from '../../../../src/engine/docker/render';
import { atCommit } from '../../../../src/stack/imageTag';
import { isObject } from '../../../../src/text/json';
import type { Json, JsonObject } from '../../../../src/text/json';
import { readYaml } from '../../../../src/text/yaml';
import { stackOfBundle } from '../../../../src/translate';
import { corpus, readBundle, recorded } from '../../bundles';

const own = path.join(import.meta.dirname, '../../../fixtures/coolify');
const commit = '0123456789abcdef0123456789abcdef01234567';

/** What Coolify wrote on the server for one resource: file name → text. */
interface Effective { uuid: string; name: string; build_pack?: string; files: Record<string, string> }

function effective(folder: string, kind: 'application' | 'database'): Effective[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => file.startsWith(`${kind}__`)).sort().map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Effective);
}

const sources = [
  { name: 'the project\'s own fixtures', effective: path.join(own, 'effective'), bundles: path.join(own, 'root'), least: [1, 1] },
  { name: 'the recordings', effective: path.join(corpus, 'coolify-recorded/effective'), bundles: recorded, least: [40, 16] },
];

/** The part of a container's name that changes at each deployment, and what the API hides, made equal on both sides. */
function comparable(compose: Json, uuid: string): Json {
  const walk = (item: Json): Json => {
    if (typeof item === 'string') return item.replaceAll(new RegExp(`${uuid}-\\d{12}`, 'g'), uuid);
    if (typeof item === 'number') return String(item);
    if (Array.isArray(item)) return item.filter((entry) => typeof entry !== 'string' || !entry.startsWith('coolify.')).map(walk);
    return isObject(item) ? Object.fromEntries(Object.entries(item).map(([key, value]) => [key.replace(/-\d{12}$/, ''), walk(value)]).filter(([key, value]) => !(key === 'labels' && Array.isArray(value) && value.length === 0))) : item;
  };
  return walk(compose);
}

function parts(files: Record<string, string>, name: RegExp): string | undefined {
  return Object.entries(files).find(([file]) => name.test(file))?.[1];
}

function onlyService(compose: Json): JsonObject {
  const services = isObject(compose) ? compose['services'] : undefined;
  const service = isObject(services) ? Object.values(services)[0] : undefined;
  if (!isObject(service)) throw new Error('no service');
  return service;
}

describe.each(sources)('what Coolify runs, reconstructed: $name', ({ effective: folder, bundles, least }) => {
  it('is the compose file and the .env that Coolify wrote for every application', (context) => {
    const all = effective(folder, 'application');
    if (all.length === 0) context.skip('skipped, because the recordings are not beside the repository');
    expect(all.length).toBeGreaterThanOrEqual(least[0] ?? 0);
    for (const { uuid, name, files, build_pack: pack } of all) {
      const stack = stackOfBundle(readBundle('application', uuid, bundles));
      if (!('containers' in stack)) throw new Error(`${name}: ${stack.message}`);
      const built = atCommit(stack, commit);
      const withCommit = (built.docker?.envFile ?? '').replace(/^SOURCE_COMMIT=HEAD/, built.containers.some((container) => container.build?.source.kind === 'git') || pack === 'dockercompose' ? `SOURCE_COMMIT=${commit}` : 'SOURCE_COMMIT=HEAD');
      expect(withCommit, `${name}: .env`).toBe((parts(files, /\/\.env$/) ?? '').replaceAll(new RegExp(`${uuid}-\\d{12}`, 'g'), uuid));
      if (pack === 'dockercompose') continue;
      const yaml = readYaml(parts(files, /docker-compose\.ya?ml$/) ?? '');
      if ('kind' in yaml) throw new Error(yaml.message);
      const recordedFile = comparable(yaml.value, uuid);
      const reconstructed = comparable(renderCompose(built), uuid);
      const [theirs, ours] = [onlyService(recordedFile), onlyService(reconstructed)];
      // Coolify tags by the commit alone; a build here by commit and configuration.
      if (built.containers[0]?.build !== undefined) {
        expect(String(ours['image']).split(':').slice(0, -1).join(':'), `${name}: image`).toBe(String(theirs['image']).split(':').slice(0, -1).join(':'));
        ours['image'] = theirs['image'] ?? null;
      }
      expect(ours, name).toEqual(theirs);
      expect({ ...(isObject(reconstructed) ? reconstructed : {}), services: null }, name).toEqual({ ...(isObject(recordedFile) ? recordedFile : {}), services: null });
    }
  });
  it('is the compose file that Coolify wrote for every database, and the files beside it', (context) => {
    const all = effective(folder, 'database');
    if (all.length === 0) context.skip('skipped, because the recordings are not beside the repository');
    expect(all.length).toBeGreaterThanOrEqual(least[1] ?? 0);
    for (const { uuid, name, files } of all) {
      const stack = stackOfBundle(readBundle('database', uuid, bundles));
      if (!('containers' in stack)) throw new Error(`${name}: ${stack.message}`);
      const yaml = readYaml(parts(files, /docker-compose\.ya?ml$/) ?? '');
      if ('kind' in yaml) throw new Error(yaml.message);
      expect(unordered(comparable(renderCompose(stack), uuid)), name).toEqual(unordered(comparable(yaml.value, uuid)));
      const written = Object.entries(files).filter(([file, text]) => !/docker-compose|README|\/ssl\//.test(file) && text !== '').map(([, text]) => text.trimEnd()).sort();
      const ours = stack.containers.flatMap((container) => container.mounts).flatMap((mount) => (mount.kind === 'file' && mount.readOnly ? [mount.content.trimEnd()] : [])).sort();
      expect(ours, `${name}: files`).toEqual(written);
    }
  });
});

/** Where a mount stands in the list means nothing to Docker. */
function unordered(compose: Json): Json {
  if (Array.isArray(compose)) return compose.map(unordered);
  if (!isObject(compose)) return compose;
  return Object.fromEntries(Object.entries(compose).map(([key, value]) => [key, key === 'volumes' && Array.isArray(value) ? [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : unordered(value)]));
}
