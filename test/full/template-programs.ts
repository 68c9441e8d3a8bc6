import { expect } from 'vitest';

export interface Program {
  /** Of the template in the fixtures, unless `compose` is given. */
  name: string;
  compose?: string;
  /** The first is asked; all are started anew. */
  services: readonly string[];
  images: readonly string[];
  /** What Coolify would have made and written to `.env`. */
  variables: Readonly<Record<string, string>>;
  /** Whether the program does what it is for. It must hold before and after a restart; `first` is true before. */
  works: (ask: Asker, first: boolean) => void;
}

export interface Asker {
  exec(...argv: string[]): string;
  /** Runs a program in another container of the stack that has curl. */
  client(...argv: string[]): string;
  variables: Readonly<Record<string, string>>;
}

const curl = (ask: Asker, ...args: string[]): string => ask.client('curl', '-s', '-m', '20', '-w', '\n%{http_code}', ...args);
const json = ['-H', 'Content-Type: application/json'];

export const programs: readonly Program[] = [
  {
    name: 'docker-registry', services: ['registry'], images: ['registry:3'], variables: { SERVICE_USER_REGISTRY: 'u8Kq2LmPz0', SERVICE_PASSWORD_REGISTRY: 'pR4w9TxYb1NcVe7Q' },
    works: (ask, first) => {
      const url = 'http://registry:5000/v2/';
      const user = ['-u', `${ask.variables['SERVICE_USER_REGISTRY'] ?? ''}:${ask.variables['SERVICE_PASSWORD_REGISTRY'] ?? ''}`];
      expect(curl(ask, url)).toMatch(/\n401$/);
      expect(curl(ask, ...user, url)).toMatch(/\n200$/);
      const digest = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
      if (first) {
        const location = /^location: (\S+)/im.exec(curl(ask, ...user, '-i', '-X', 'POST', `${url}kept/blobs/uploads/`))?.[1] ?? '';
        expect(curl(ask, ...user, '-X', 'PUT', '-H', 'Content-Type: application/octet-stream', '-d', 'hello', `${location}&digest=${digest}`)).toMatch(/\n201$/);
      }
      expect(curl(ask, ...user, '-L', `${url}kept/blobs/${digest}`)).toBe('hello\n200');
    },
  },
  {
    name: 'mosquitto', services: ['mosquitto'], images: ['eclipse-mosquitto:latest'], variables: { SERVICE_USER_MOSQUITTO: 'uT5dGh2Wk9', SERVICE_PASSWORD_MOSQUITTO: 'pZ8sLq3Xv6BnMr1E', REQUIRE_CERTIFICATE: 'false', ALLOW_ANONYMOUS: 'true' },
    works: (ask) => {
      const at = ['-h', 'mosquitto', '-t', 'news'];
      const as = (password: string): string[] => ['-u', ask.variables['SERVICE_USER_MOSQUITTO'] ?? '', '-P', password];
      const password = ask.variables['SERVICE_PASSWORD_MOSQUITTO'] ?? '';
      ask.exec('mosquitto_pub', ...at, ...as(password), '-r', '-m', 'retained');
      expect(ask.exec('mosquitto_sub', ...at, ...as(password), '-C', '1', '-W', '20')).toBe('retained\n');
      expect(() => ask.exec('mosquitto_pub', ...at, ...as('wrong'), '-m', 'no')).toThrow(/not authorised/i);
    },
  },
  {
    name: 'rabbitmq', services: ['rabbitmq'], images: ['rabbitmq:3-management'], variables: { SERVICE_USER_RABBITMQ: 'uM3nBv7Cx1', SERVICE_PASSWORD_RABBITMQ: 'pQ2wEr5TyU8iOp0A', PORT: '5672' },
    works: (ask, first) => {
      const user = ['-u', `${ask.variables['SERVICE_USER_RABBITMQ'] ?? ''}:${ask.variables['SERVICE_PASSWORD_RABBITMQ'] ?? ''}`];
      const url = 'http://rabbitmq:15672/api/';
      expect(curl(ask, ...user, `${url}whoami`)).toMatch(/administrator[^]*\n200$/);
      if (first) expect(curl(ask, ...user, '-X', 'PUT', `${url}queues/%2F/kept`, ...json, '-d', '{"durable":true}')).toMatch(/\n20[14]$/);
      expect(curl(ask, ...user, `${url}queues/%2F/kept`)).toMatch(/"name":"kept"[^]*\n200$/);
    },
  },
  {
    name: 'node-red', services: ['node-red'], images: ['nodered/node-red:latest'], variables: {},
    compose: `
services:
  node-red:
    image: nodered/node-red:latest
    environment: [TZ=Europe/Amsterdam]
    ports: ["1880:1880"]
    volumes: ["node_red_data:/data"]
volumes: {node_red_data: {}}
`,
    works: (ask, first) => {
      const flow = [{ id: 'tab1', type: 'tab', label: 'Flow' }, { id: 'in1', type: 'http in', z: 'tab1', url: '/hello', method: 'get', wires: [['tpl1']] },
        { id: 'tpl1', type: 'template', z: 'tab1', field: 'payload', template: 'Hello {{payload.name}}', wires: [['out1']] }, { id: 'out1', type: 'http response', z: 'tab1', wires: [] }];
      expect(curl(ask, 'http://node-red:1880/settings')).toMatch(/"httpNodeRoot"[^]*\n200$/);
      if (first) expect(curl(ask, ...json, '-d', JSON.stringify(flow), 'http://node-red:1880/flows')).toMatch(/\n204$/);
      expect(curl(ask, 'http://node-red:1880/hello?name=cluster')).toBe('Hello cluster\n200');
    },
  },
  {
    name: 'verdaccio', services: ['verdaccio'], images: ['verdaccio/verdaccio:6'], variables: {},
    compose: `
services:
  verdaccio:
    image: verdaccio/verdaccio:6
    expose: ["4873"]
    volumes: ["storage:/verdaccio/storage"]
volumes: {storage: {}}
`,
    works: (ask, first) => {
      const url = 'http://verdaccio:4873';
      expect(curl(ask, `${url}/-/ping`)).toMatch(/\n200$/);
      const login = ['-u', 'someone:some-password'];
      if (first) {
        expect(curl(ask, '-X', 'PUT', ...json, '-d', '{"name":"someone","password":"some-password"}', `${url}/-/user/org.couchdb.user:someone`)).toMatch(/\n(201|409)$/);
        const version = { name: 'kept', version: '1.0.0', dist: { tarball: `${url}/kept/-/kept-1.0.0.tgz`, shasum: '2346ad27d7568ba9896f1b7da6b5991251debdf2' } };
        const body = { _id: 'kept', name: 'kept', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version }, _attachments: { 'kept-1.0.0.tgz': { content_type: 'application/octet-stream', data: 'aGVsbG8=', length: 5 } } };
        expect(curl(ask, ...login, '-X', 'PUT', ...json, '-d', JSON.stringify(body), `${url}/kept`)).toMatch(/\n(201|409)$/);
      }
      expect(curl(ask, `${url}/kept/-/kept-1.0.0.tgz`)).toBe('hello\n200');
      expect(curl(ask, '-X', 'PUT', ...json, '-d', '{}', `${url}/other`)).toMatch(/\n(401|403)$/);
    },
  },
];
