import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultDestination } from '../../../src/model/destination';
import type { Instance } from '../../../src/model/instance';
import { appearance, statusIcon } from '../../../src/ui/tree/appearance';
import { childrenOf, nodeId, resourcesBelow, roots, type Node } from '../../../src/ui/tree/nodes';
import { Sessions, type Loaded } from '../../../src/ui/tree/session';
import { fixtures, startCoolify, tokens, type StandIn } from '../../harness/coolify';

const t = (message: string, ...values: string[]): string => message.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? '');
let coolify: StandIn;
let instance: Instance;
let loaded: Loaded;
const kubernetes = [{ ...defaultDestination, id: 'k', name: 'prod cluster', server: 'pmyvaxk6z2l0ny6pqkpl2fiq' }, { ...defaultDestination, id: 'elsewhere', name: 'elsewhere' }];

beforeAll(async () => {
  coolify = await startCoolify({ folder: fixtures });
  instance = { id: coolify.url, name: 'demo', url: coolify.url, origin: coolify.url };
  loaded = await new Sessions(() => Promise.resolve(tokens.sensitive)).load(instance);
});
afterAll(() => coolify.stop());

function walk(node: Node): Node[] { return [node, ...childrenOf(node, loaded, kubernetes).flatMap(walk)]; }
const spoken = (node: Node): string => appearance(node, t).spoken;

describe('the tree', () => {
  it('shows every resource below its destination and below its environment, with ids of their own', () => {
    const nodes = walk({ type: 'instance', instance });
    for (const below of ['server', 'project']) {
      expect(nodes.filter((node) => node.type === 'resource' && node.below === below).map((n) => appearance(n, t).label).sort()).toEqual(['image-basic', 'postgresql-database-slpsrvzxg8zxfnkuvjzd1aqm', 'rabbitmq-lxfqj3enhnrybtrsndoijzpc', 'redis-database-8ykhaxvce5wazl17jdpkwsuz']);
    }
    const ids = nodes.map(nodeId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(nodes.map(spoken)).toContain('image-basic, application, running, healthy');
    expect(nodes.map(spoken)).toContain('prod cluster, Kubernetes');
  });
  it('knows what is below each row, however deep', () => {
    if (loaded.kind !== 'ready') throw new Error(loaded.kind);
    const { snapshot } = loaded;
    for (const node of walk({ type: 'instance', instance }).filter(({ type }) => ['instance', 'server', 'destination', 'project', 'environment', 'resource'].includes(type))) {
      const shown = new Set(walk(node).flatMap((row) => (row.type === 'resource' ? [row.resource.uuid] : [])));
      expect(new Set(resourcesBelow(node, snapshot).map(({ uuid }) => uuid)), nodeId(node)).toEqual(shown);
    }
  });
  it('keeps a destination without a server at the top', () => {
    expect(roots([instance], kubernetes).map((node) => appearance(node, t).label)).toEqual(['demo', 'elsewhere']);
  });
  it('has a row for each trouble', async () => {
    const node: Node = { type: 'instance', instance };
    const none = await new Sessions(() => Promise.resolve(undefined)).load(instance);
    expect(childrenOf(node, none, []).map((n) => appearance(n, t).label)).toEqual(['Sign in again']);
    const wrong = await new Sessions(() => Promise.resolve('9|wrong')).load(instance);
    expect(childrenOf(node, wrong, []).map((n) => n.type)).toEqual(['signIn']);
    const off = await new Sessions(() => Promise.resolve(tokens.deploy)).load(instance);
    const [row] = childrenOf(node, off, []).map((n) => appearance(n, t));
    expect(row).toMatchObject({ icon: 'error', command: { id: 'coolifyKubernetes.refresh' } });
    expect(row?.tooltip).toContain('read:sensitive');
  });
  it('asks an instance once until it is refreshed', async () => {
    const own = await startCoolify({ folder: fixtures });
    const here = { ...instance, url: own.url };
    const sessions = new Sessions(() => Promise.resolve(tokens.sensitive));
    await Promise.all([sessions.load(here), sessions.load(here)]);
    const once = own.requests.length;
    expect(new Set(own.requests).size).toBe(once);
    sessions.forget();
    await sessions.load(here);
    expect(own.requests).toHaveLength(2 * once);
    await own.stop();
  });
  it('tells states apart by shape', () => {
    const icons = ['running:healthy', 'running:unhealthy', 'exited', 'starting', 'paused', 'odd'].map((value) => {
      const [state = '', health] = value.split(':');
      return statusIcon({ state, excluded: false, ...(health && { health }) }).icon;
    });
    expect(new Set(icons).size).toBe(icons.length);
  });
});
