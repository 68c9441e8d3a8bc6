import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ClusterError, contextsIn, filePathsIn, isClusterError, minimalKubeconfig, openCluster } from '../../../src/cluster';
import { readAccess } from '../../../src/cluster/kubeconfig';
import { certificateWarnings } from '../../../src/cluster/certificates';
import { data, kubeconfig, pem, startStandIn, token } from './standIn';

function refusal(text: string, options: Parameters<typeof openCluster>[1] = {}): ClusterError {
  try {
    openCluster(text, options).close();
  } catch (error) {
    if (isClusterError(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a kubeconfig', () => {
  it('is opened with its context, server and namespace', () => {
    const cluster = openCluster(kubeconfig(6443, { context: { namespace: 'shop' } }));
    expect(cluster).toMatchObject({ server: 'https://127.0.0.1:6443', contextName: 'main', defaultNamespace: 'shop', warnings: [] });
    cluster.close();
  });

  it('never runs what it names, and names it', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kubeconfig-'));
    const canary = path.join(folder, 'ran');
    const error = refusal(kubeconfig(1, { user: { token: undefined, exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', `require("fs").writeFileSync(${JSON.stringify(canary)},"")`] } } }));
    expect(error).toMatchObject({ kind: 'kubeconfig-exec', message: expect.stringContaining(process.execPath), hint: expect.stringContaining('create token') });
    expect(refusal(kubeconfig(1, { user: { exec: { command: 'x' } } })).kind).toBe('kubeconfig-exec');
    expect(refusal(kubeconfig(1, { user: { exec: { command: '\u001b[31mred\u202e' } } })).message).not.toMatch(/[\u001b\u202e]/);
    expect(refusal(kubeconfig(1, { user: { 'auth-provider': { name: 'gcp', config: { 'cmd-path': '/bin/sh' } } } }))).toMatchObject({ kind: 'kubeconfig-exec', message: expect.stringContaining('gcp') });
    expect(existsSync(canary)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('is refused when it would send credentials elsewhere, in clear, or as somebody else', () => {
    const kinds = (changes: Parameters<typeof kubeconfig>[1]): string => refusal(kubeconfig(1, changes)).kind;
    expect(kinds({ cluster: { 'proxy-url': 'http://proxy.example.com' } })).toBe('kubeconfig-unsupported');
    expect(kinds({ cluster: { server: 'http://127.0.0.1:8080' } })).toBe('kubeconfig-unsupported');
    expect(kinds({ user: { as: 'system:admin' } })).toBe('kubeconfig-unsupported');
    expect(kinds({ user: { 'as-groups': ['system:masters'] } })).toBe('kubeconfig-unsupported');
    expect(kinds({ user: { username: 'admin', password: 'pass' } })).toBe('kubeconfig-unsupported');
    expect(kinds({ user: { token: undefined } })).toBe('kubeconfig-unsupported');
    for (const server of ['file:///etc/passwd', 'javascript:alert(1)', 'https://user:pass@host', 'https://host/?a=b', 'not a url', '', 7]) {
      expect(kinds({ cluster: { server } })).toMatch(/^kubeconfig-(invalid|unsupported)$/);
    }
  });

  it('is refused when it is broken, in words', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghij'.split('').map((name, n) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[n]}`).join(',')}]`), 'clusters: *j'].join('\n');
    const texts = ['', '{', 'just text', '[]', 'clusters: 1', bomb, '\0', `clusters: []\n${' '.repeat(2 * 1024 * 1024)}`];
    for (const text of texts) expect(refusal(text).kind).toBe('kubeconfig-invalid');
    const invalid = (changes: Parameters<typeof kubeconfig>[1]): string => { const error = refusal(kubeconfig(1, changes)); expect(error.kind).toBe('kubeconfig-invalid'); return error.message; };
    expect(invalid({ cluster: { 'certificate-authority-data': '!!' } })).toContain('certificate-authority-data');
    expect(invalid({ cluster: { 'certificate-authority-data': Buffer.from('hello').toString('base64') } })).toContain('certificate authority');
    expect(invalid({ cluster: { 'insecure-skip-tls-verify': true } })).toContain('verification off');
    expect(invalid({ user: { 'client-certificate-data': data('client.crt') } })).toContain('no key');
    expect(invalid({ user: { 'client-certificate-data': data('client.crt'), 'client-key-data': data('server.key') } })).toContain('does not belong');
    expect(invalid({ user: { 'client-certificate-data': data('client.key'), 'client-key-data': data('client.key') } })).toContain('certificate');
    expect(invalid({ user: { token: 'a\r\nHost: evil' } })).toContain('token');
    expect(invalid({ user: { token: ['x'] } })).toContain('token');
    expect(invalid({ context: { cluster: 'gone' } })).toContain('cluster that is not there');
    expect(invalid({ context: { cluster: '__proto__' } })).toContain('cluster that is not there');
  });

  it('never shows its secrets in a refusal', () => {
    const secret = 'sekret-sekret-sekret';
    const all = [kubeconfig(1, { user: { token: `${secret} with space` } }), kubeconfig(1, { user: { 'client-key-data': secret } }), kubeconfig(1, { user: { username: 'a', password: secret } }), `clusters: [\ntoken: ${secret}`];
    for (const text of all) { const { message, hint } = refusal(text); expect(message + hint).not.toContain(secret); }
  });

  it('reads the files that it names only from what the caller read', () => {
    const own = path.join(import.meta.dirname, '../../fixtures/cluster');
    const named = kubeconfig(1, {
      cluster: { 'certificate-authority-data': undefined, 'certificate-authority': path.join(own, 'ca.crt') },
      user: { token: undefined, 'client-certificate': 'client.crt', 'client-key': 'client.key', tokenFile: '/var/run/token' },
    });
    expect(filePathsIn(named)).toEqual([path.join(own, 'ca.crt'), 'client.crt', 'client.key', '/var/run/token']);
    expect(refusal(named)).toMatchObject({ kind: 'kubeconfig-file', message: expect.stringContaining('ca.crt'), hint: expect.stringContaining('--flatten') });
    const files = { [path.join(own, 'ca.crt')]: pem('ca.crt'), 'client.crt': pem('client.crt'), 'client.key': pem('client.key'), '/var/run/token': 'abc\n' };
    openCluster(named, { files }).close();
    // Data in the file itself wins, so its path need not be read.
    expect(filePathsIn(kubeconfig(1, { cluster: { 'certificate-authority': '/etc/shadow' } }))).toEqual([]);
    expect(refusal(kubeconfig(1, { user: { tokenFile: 'toString' } })).kind).toBe('kubeconfig-file');
  });

  it('has contexts to choose from', () => {
    const text = kubeconfig(6443, { top: { contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }, { name: 'second', context: { cluster: 'c', user: 'u', namespace: 'two' } }, { name: 'broken', context: { cluster: 'x' } }, 'rubbish'] } });
    expect(contextsIn(text)).toEqual([
      { name: 'main', current: true, server: 'https://127.0.0.1:6443' }, { name: 'second', current: false, server: 'https://127.0.0.1:6443', namespace: 'two' }, { name: 'broken', current: false },
    ]);
    const second = openCluster(text, { context: 'second' });
    expect(second).toMatchObject({ contextName: 'second', defaultNamespace: 'two' });
    second.close();
    expect(refusal(text, { context: 'third' })).toMatchObject({ kind: 'kubeconfig-context', hint: expect.stringContaining('main, second') });
    expect(refusal(kubeconfig(1, { top: { 'current-context': '' , contexts: [] } })).kind).toBe('kubeconfig-context');
    // A single context needs no current one.
    openCluster(kubeconfig(1, { top: { 'current-context': undefined } })).close();
  });

  it('is narrowed to one context, without files and without anything of the others', () => {
    const text = kubeconfig(6443, { cluster: { 'tls-server-name': 'kube.example.com' }, user: { token: undefined, tokenFile: 'token' }, top: { contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }, { name: 'second', context: { cluster: 'c', user: 'u', namespace: 'two' } }], extra: 'left behind' } });
    const minimal = minimalKubeconfig(text, 'second', { token: 'abc\n' });
    expect(contextsIn(minimal)).toEqual([{ name: 'second', current: true, server: 'https://127.0.0.1:6443/', namespace: 'two' }]);
    expect(filePathsIn(minimal)).toEqual([]);
    expect(readAccess(minimal, undefined, {})).toEqual(readAccess(text, 'second', { token: 'abc\n' }));
    expect(minimal).not.toMatch(/main|left behind/);
    const pair = kubeconfig(1, { user: { token: undefined, 'client-certificate': 'c', 'client-key': 'k' } });
    const files = { c: pem('client.crt'), k: pem('client.key') };
    expect(readAccess(minimalKubeconfig(pair, undefined, files), undefined, {})).toEqual(readAccess(pair, undefined, files));
    expect(() => minimalKubeconfig(kubeconfig(1, { user: { exec: { command: 'x' } } }))).toThrow('never run');
  });

  it('warns of unverified TLS and of a certificate about to expire', () => {
    const insecure = openCluster(kubeconfig(1, { cluster: { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true } }));
    expect(insecure.warnings.join()).toContain('not verified');
    insecure.close();
    const expired = openCluster(kubeconfig(1, { user: { 'client-certificate-data': data('expired.crt'), 'client-key-data': data('expired.key') } }));
    expect(expired.warnings.join()).toMatch(/expired \d+ days ago/);
    expired.close();
    const end = Date.UTC(2120, 0, 1);
    expect(certificateWarnings(pem('client.crt'), end - 20.5 * 86_400_000)).toEqual([expect.stringContaining('expires in 20 days')]);
    expect(certificateWarnings(pem('client.crt'), end - 40 * 86_400_000)).toEqual([]);
    // Only an explicit `true` turns verification off.
    expect(openCluster(kubeconfig(1, { cluster: { 'insecure-skip-tls-verify': 'true' } })).warnings).toEqual([]);
  });

  it('keeps the path of the server, as proxies of several clusters have it, and sends the token there only', async () => {
    const server = await startStandIn((_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }); response.end('{"gitVersion":"v1.30.0"}'); });
    for (const suffix of ['/k8s/clusters/c-1', '/k8s/clusters/c-1/']) {
      const cluster = openCluster(kubeconfig(server.port, { cluster: { server: `https://127.0.0.1:${server.port}${suffix}` } }));
      expect(await cluster.version()).toBe('v1.30.0');
      expect(server.requests.at(-1)).toEqual({ method: 'GET', url: '/k8s/clusters/c-1/version', authorization: `Bearer ${token}` });
      cluster.close();
    }
    await server.close();
  });
});
