import { describe, expect, it } from 'vitest';
import type { Stack } from '../../../src/model/stack';
import { readServiceBundle } from '../../../src/stack/service';

function read(databases: Record<string, unknown>[], image = 'postgres:17'): Stack {
  const stack = readServiceBundle({ kind: 'service', resource: { uuid: 'u', name: 's', docker_compose_raw: `services:\n  db: {image: "${image}"}\n`, applications: [], databases, server: { settings: { server_timezone: 'Europe/Berlin' } } }, envs: [], storages: {}, scheduledTasks: [{ uuid: 't', name: 't', command: 'x', frequency: 'daily' }], backups: [] });
  if (!('containers' in stack)) throw new Error(stack.message);
  return stack;
}

describe('a database of a service', () => {
  it('is public on the port that Coolify\'s proxy has', () => {
    expect(read([{ name: 'db', is_public: true, public_port: 15432 }]).containers[0]?.ports).toMatchObject([{ port: 5432, published: { port: 15432 } }]);
    expect(read([{ name: 'db', is_public: true, public_port: 1234, custom_type: 'mongodb' }], 'example/own:1').containers[0]?.ports).toMatchObject([{ port: 27_017, published: { port: 1234 } }]);
  });
  it('is not when it is not public, and is told when no port is known', () => {
    expect(read([{ name: 'db', is_public: false, public_port: 15432 }]).containers[0]?.ports).toEqual([]);
    const unknown = read([{ name: 'db', is_public: true, public_port: 1234 }], 'example/own:1');
    expect(unknown.findings.find(({ origin }) => origin.path === 'databases.db.public_port')?.decision).toBe('refused');
  });
  it('has tasks at the hours of its server', () => {
    expect(read([]).scheduledTasks).toMatchObject([{ container: 'db', timeZone: 'Europe/Berlin' }]);
  });
});
