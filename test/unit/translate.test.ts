import { describe, expect, it } from 'vitest';
import { exportFiles } from '../../src/engine/kubernetes/exports';
import { defaultDestination } from '../../src/model/destination';
import type { Manifest } from '../../src/model/manifest';
import type { Rendering } from '../../src/model/rendering';
import { translateCompose } from '../../src/translate';

function translate(text: string): Rendering & { stackFindings: string[] } {
  const result = translateCompose(text, { name: 'demo', source: 'demo.yaml', seed: '1', destination: defaultDestination });
  if (!('rendering' in result)) throw new Error(result.message);
  return { ...result.rendering, stackFindings: result.stack.findings.map((finding) => `${finding.decision} ${finding.origin.path}`) };
}

function find(rendering: Rendering, kind: string, name: string): Manifest {
  const found = rendering.manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name} among ${rendering.manifests.map((m) => `${m.kind}/${m.metadata.name}`).join(', ')}`);
  return found;
}

const decoded = (manifest: Manifest, key: string): string => Buffer.from(new RegExp(`"${key}":"([^"]+)"`).exec(JSON.stringify(manifest))?.[1] ?? '', 'base64').toString();

const stack = `
services:
  web:
    image: nginx:1.27
    environment:
      - SERVICE_URL_WEB_8080
      - DATABASE_URL=postgres://app:\${SERVICE_PASSWORD_DB}@my_db:5432/app
      - PLAIN=$$(date)
    depends_on: {my_db: {condition: service_healthy}, migrate: {condition: service_completed_successfully}}
    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost:8080/"], interval: 5s, retries: 4, start_period: 12s}
  my_db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: $SERVICE_PASSWORD_DB}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD-SHELL", "pg_isready -U app"]}
  cache:
    image: redis:7
    command: redis-server --requirepass $SERVICE_PASSWORD_CACHE
    healthcheck: {test: ["CMD", "redis-cli", "-a", "$SERVICE_PASSWORD_CACHE", "ping"]}
  migrate: {image: "app/migrate:1", restart: "no"}
  worker: {image: "app/worker:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock"]}
`;

describe('a compose file as Kubernetes objects', () => {
  const rendering = translate(stack);
  const pod = (kind: string, name: string): string => JSON.stringify(find(rendering, kind, name));

  it('never makes a liveness probe, nor a startup probe that ends the container', () => {
    expect(JSON.stringify(rendering.manifests)).not.toContain('livenessProbe');
    expect(pod('Deployment', 'web')).toMatch(/"startupProbe":\{"exec":\{"command":\["curl","-f","http:\/\/localhost:8080\/"\]\},"periodSeconds":5,"timeoutSeconds":30,"failureThreshold":2147483647\}/);
    expect(find(rendering, 'Deployment', 'web').metadata.annotations).toMatchObject({ 'coolify-kubernetes/unhealthy-after': '32' });
    expect(pod('StatefulSet', 'my-db')).not.toContain('startupProbe');
  });
  it('keeps every generated secret inside a Secret', () => {
    const password = decoded(find(rendering, 'Secret', 'my-db-env'), 'POSTGRES_PASSWORD');
    expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
    for (const manifest of rendering.manifests.filter((m) => m.kind !== 'Secret')) expect(JSON.stringify(manifest)).not.toContain(password);
  });
  it('refers to a secret in a command, and lets a shell put it into a probe', () => {
    expect(pod('Deployment', 'cache')).not.toContain('--requirepass","$SERVICE');
    expect(pod('Deployment', 'cache')).toMatch(/"redis-server","--requirepass","\$\([A-Z0-9_]+\)"/);
    expect(pod('Deployment', 'cache')).toMatch(/"\/bin\/sh","-c","exec redis-cli -a \\"\$[A-Z0-9_{}]+\\" ping"/);
  });
  it('gives a host that no Service may be called after another name, everywhere', () => {
    find(rendering, 'Service', 'my-db');
    expect(decoded(find(rendering, 'Secret', 'web-env'), 'DATABASE_URL')).toMatch(/@my-db:5432\/app$/);
  });
  it('escapes what Kubernetes would expand', () => { expect(pod('Deployment', 'web')).toContain('{"name":"PLAIN","value":"$$(date)"}'); });
  it('runs what keeps data as a StatefulSet, its folder safe from lost+found', () => { expect(pod('StatefulSet', 'my-db')).toContain('"subPath":"data"'); });
  it('runs what ends as a Job named after its template', () => { expect(rendering.manifests.find((m) => m.kind === 'Job')?.metadata.name).toMatch(/^migrate-[0-9a-f]{8}$/); });
  it('gives a service without any port a headless Service', () => { expect(JSON.stringify(find(rendering, 'Service', 'worker'))).toContain('"clusterIP":"None"'); });
  it('refuses the Docker socket and still runs the service', () => {
    expect(rendering.stackFindings).toContain('refused services.worker.volumes.0');
    find(rendering, 'Deployment', 'worker');
  });
  it('applies what is waited for first', () => {
    const order = rendering.manifests.map((m) => `${m.kind}/${m.metadata.name.replace(/-[0-9a-f]{8}$/, '')}`);
    expect(order.indexOf('StatefulSet/my-db')).toBeLessThan(order.indexOf('Deployment/web'));
    expect(order.indexOf('Job/migrate')).toBeLessThan(order.indexOf('Deployment/web'));
  });
  it('gives the same bytes for the same input', () => { expect(JSON.stringify(translate(stack))).toBe(JSON.stringify(translate(stack))); });
  it('decides on every key', () => {
    const said = new Set(rendering.manifests.length > 0 ? translate(stack).stackFindings.map((finding) => finding.split(' ')[1]) : []);
    for (const path of ['services', 'services.web.image', 'services.web.depends_on', 'services.cache.command', 'services.migrate.restart']) expect(said).toContain(path);
  });
});

describe('what stands outside of the plain keys', () => {
  const pod = (text: string): string => JSON.stringify(translate(text).manifests.find((manifest) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(manifest.kind)));

  it('keeps running what Swarm restarts, whatever restart says', () => {
    expect(pod('services: {a: {image: "a:1", deploy: {mode: global, restart_policy: {condition: on-failure}}}}')).toContain('"kind":"DaemonSet"');
    expect(pod('services: {a: {image: "a:1", restart: "no", deploy: {restart_policy: {condition: any}}}}')).toContain('"kind":"Deployment"');
    expect(pod('services: {a: {image: "a:1", deploy: {restart_policy: {condition: none}}}}')).toContain('"kind":"Job"');
  });

  it('tells a worker from what is done once', () => {
    expect(pod('services: {a: {image: "a:1", restart: on-failure, command: celery -A app worker}}')).toContain('"kind":"Deployment"');
    expect(pod('services: {a: {image: "a:1", restart: "on-failure:3", command: bin/setup-worker}}')).toContain('"kind":"Job"');
    expect(pod('services: {worker: {image: "a:1", restart: "no"}}')).toContain('"kind":"Job"');
  });

  it('runs once what has no restart and plainly ends, but no server', () => {
    const kinds = (text: string): Record<string, string> => Object.fromEntries(translate(text).manifests.filter(({ kind }) => /^(Deployment|StatefulSet|Job)$/.test(kind)).map(({ kind, metadata }) => [metadata.labels?.['app.kubernetes.io/name'] ?? '', kind]));
    const services = `
  buckets: {image: "minio/mc:1", entrypoint: ["/bin/sh", "-c", "mc alias set s http://s3:9000 a b; mc mb s/x; exit 0"]}
  migrate: {image: "app:1", command: npx prisma migrate deploy}
  both: {image: "app:1", command: sh -c "python manage.py migrate && python manage.py runserver"}
  mirror: {image: "minio/mc:1", command: mirror --watch a b}
  published: {image: "app:1", command: alembic upgrade head, ports: [80]}
  plain: {image: "app:1"}`;
    expect(kinds(`services:${services}`)).toEqual({ buckets: 'Job', migrate: 'Job', both: 'Deployment', mirror: 'Deployment', published: 'Deployment', plain: 'Deployment' });
    // Coolify starts again whatever does not say otherwise.
    expect(new Set(Object.values(kinds(`# documentation: https://example.com\nservices:${services}\n  c: {image: x, environment: [SERVICE_URL_C]}`)))).toEqual(new Set(['Deployment']));
  });

  it('takes a server that is restarted after failures for a server', () => {
    expect(pod('services: {ui: {image: "ui:1", restart: on-failure, environment: {PORT: "4455"}}}')).toContain('"kind":"Deployment"');
    expect(pod('services: {a: {image: "a:1", restart: on-failure, command: do it}}')).toContain('"kind":"Job"');
  });

  it('calls a pod as the first part of a host name', () => {
    expect(pod('services: {mq: {image: "rabbitmq:4", hostname: Mq-1.example.com}}')).toContain('"hostname":"mq-1"');
  });

  it('gives a config or secret whose content is not there an empty file, and says so', () => {
    const stack = 'services: {a: {image: "a:1", secrets: [pw]}}\nsecrets: {pw: {file: ./pw.txt}}';
    expect(pod(stack)).toContain('"mountPath":"/run/secrets/pw"');
    expect(translate(stack).findings.some(({ decision, message }) => decision === 'refused' && message.includes('"pw"'))).toBe(true);
  });

  it('finds short passwords where a flag or a URL says that one stands there, and nowhere else', () => {
    const text = pod(`services: {redis: {image: "redis:7", command: redis-server --requirepass redis --port 6379, healthcheck: {test: [CMD, redis-cli, -a, redis, ping]}}}`);
    expect(text).toMatch(/"redis-server","--requirepass","\$\(COOLIFY_SECRET_\w+\)","--port","6379"/);
    expect(text).toMatch(/exec redis-cli -a \\"\$COOLIFY_SECRET_\w+\\" ping/);
    const shell = pod(`services: {a: {image: a, command: [sh, -c, "wait tcp://db:5432 && app --db postgres://u:pw12@db/x --password-file /run/x --secret=$$S -p 80"]}}`);
    expect(shell).toMatch(/wait tcp:\/\/db:5432 && app --db postgres:\/\/u:\$\(COOLIFY_SECRET_\w+\)@db\/x --password-file \/run\/x --secret=\$S -p 80/);
  });

  it('answers to the names that Compose gives to containers, where the file names them', () => {
    const { manifests } = translate('services: {web: {image: "web:1", environment: {APP_HOST: app-my_db-1, OLD: app_web_1, URL: "http://app-web-1:80", OTHER: "x_1"}}, my_db: {image: "postgres:16"}, db: {image: "mysql:8"}}');
    const selected = (name: string): string => JSON.stringify(manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === name)?.spec ?? {});
    expect(selected('app-my-db-1')).toContain('"coolify-kubernetes/container":"my-db"');
    expect(selected('app-web-1')).toContain('"coolify-kubernetes/container":"web"');
    for (const value of ['app-my-db-1', 'app_web_1']) expect(JSON.stringify(manifests)).toContain(`"value":"${value}"`);
    expect(manifests.filter(({ kind }) => kind === 'Service')).toHaveLength(5);
  });

  it('says of a service that names nothing to run that it does not', () => {
    expect(translate('services: {a: {environment: {A: b}}}').findings.map(({ message }) => message)).toContain('It has neither an image nor a build, so nothing tells what is to run.');
  });

  it('lets the copies of a container share its volume on one node, but never the files of a database', () => {
    const spec = (service: string): string => pod(`services: {a: ${service}}`);
    expect(spec('{image: "web:1", deploy: {replicas: 3}, volumes: ["up:/up"]}')).toMatch(/"kind":"Deployment".*"replicas":3.*"requiredDuringSchedulingIgnoredDuringExecution":\[\{"labelSelector":\{"matchLabels":\{"coolify-kubernetes\/shares-/);
    expect(spec('{image: "postgres:16", scale: 3, volumes: ["up:/var/lib/postgresql/data"]}')).toMatch(/"kind":"StatefulSet".*"replicas":1/);
    expect(spec('{image: "web:1", scale: 2}')).toMatch(/"replicas":2/);
  });

  it('lets a folder inside another one that is mounted be the same claim', () => {
    const { manifests } = translate('services: {a: {image: "a:1", volumes: ["/srv/media:/media"]}, b: {image: "b:1", volumes: ["/srv/media/tv/:/tv:ro", "/srv/media2:/other"]}, c: {image: "c:1", volumes: ["/srv//media2/:/x"]}, pg: {image: "postgres:16", volumes: ["./all/pg:/var/lib/postgresql/data"]}, backup: {image: "c:1", volumes: ["./all:/all"]}}');
    const mounts = (name: string): unknown => manifests.filter(({ kind, metadata }) => /^(Deployment|StatefulSet)$/.test(kind) && metadata.name === name).map((manifest) => (manifest as unknown as { spec: { template: { spec: { containers: { volumeMounts: unknown }[] } } } }).spec.template.spec.containers[0]?.volumeMounts)[0];
    expect(manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name).sort()).toEqual(['all', 'srv-media', 'srv-media2']);
    expect(mounts('b')).toEqual([{ name: 'srv-media', mountPath: '/tv', readOnly: true, subPath: 'tv' }, { name: 'srv-media2', mountPath: '/other' }]);
    expect(mounts('pg')).toEqual([{ name: 'all', mountPath: '/var/lib/postgresql/data', subPath: 'data/pg' }]);
    expect(mounts('backup')).toEqual([{ name: 'all', mountPath: '/all', subPath: 'data' }]);
  });

  it('keeps what others connect to', () => {
    const { manifests } = translate(`
services:
  redis: {image: "redis:7", restart: on-failure}
  renderer: {image: "renderer:1", restart: "no"}
  server: {image: "server:1", restart: on-failure, environment: {RENDERER: "http://renderer:3000"}, depends_on: [redis]}
  bucket-init: {image: "minio/minio", entrypoint: [/bin/sh, /init.sh], restart: on-failure, depends_on: [redis]}
  web: {image: "web:1", depends_on: [server, bucket-init]}
`);
    expect(manifests.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'])).toEqual(['bucket-init']);
  });

  it('takes annotations over, and arguments of a build only where Coolify does', () => {
    expect(pod('services: {a: {image: "a:1", annotations: {example.com/a: b}}}')).toContain('"example.com/a":"b"');
    const build = 'services: {a: {image: "a:1", build: {context: ., args: {X: built}}, environment: {Y: SERVICE}}}';
    expect(pod(build)).not.toContain('built');
    expect(pod(`# slogan: a template of Coolify's\n${build}`)).toContain('built');
  });

  it('lets a process that is not root read what is not for everyone', () => {
    expect(pod('services: {a: {image: "a:1", user: "1000", configs: [{source: c, target: /c, mode: 0440}]}}\nconfigs: {c: {content: x}}')).toContain('"fsGroup":1000');
  });

  it('says what a memory volume cannot, and that the name server of Docker is not there', () => {
    const { findings } = translate('services: {a: {image: "a:1", tmpfs: "/run:size=1m,uid=5,noexec", environment: {RESOLVER: 127.0.0.11}}}');
    const said = findings.filter((finding) => finding.decision === 'approximated').map((finding) => finding.message).join('\n');
    expect(said).toContain('uid=5, noexec');
    expect(said).toContain('RESOLVER of a asks 127.0.0.11');
  });
});

describe('a volume on an NFS server', () => {
  const made = translate(`
services:
  a: {image: "a:1", volumes: ["media:/media"]}
  b: {image: "b:1", volumes: ["media:/media:ro"]}
volumes:
  media: {driver: local, driver_opts: {type: nfs4, o: "addr=10.0.0.5,rw,soft", device: ":/export/media"}}
`);

  it('is mounted as it is, on whatever node', () => {
    const volume = find(made, 'PersistentVolume', 'demo-media');
    expect(volume).toMatchObject({ metadata: { labels: { 'app.kubernetes.io/managed-by': 'coolify-kubernetes' } }, spec: { nfs: { server: '10.0.0.5', path: '/export/media' }, mountOptions: ['nfsvers=4', 'soft'], persistentVolumeReclaimPolicy: 'Retain' } });
    expect(volume.metadata).not.toHaveProperty('namespace');
    expect(find(made, 'PersistentVolumeClaim', 'media')).toMatchObject({ spec: { volumeName: 'demo-media', storageClassName: 'demo-media', accessModes: ['ReadWriteMany'] } });
    expect(JSON.stringify(find(made, 'Deployment', 'a'))).not.toContain('podAffinity');
    expect(exportFiles(made, 'demo', 'helm').get('templates/persistentvolume-demo-media.yaml')).not.toContain('namespace');
  });
});

it('takes a mapping where a text belongs for no text of ours', () => {
  const odd = '{toString: null}';
  const { manifests } = translate(`services: {a: {image: "a:1", command: [x, ${odd}], cpus: ${odd}, scale: ${odd}, links: [${odd}], volumes: [${odd}], ports: [[${odd}]], healthcheck: {test: [CMD, ${odd}], retries: ${odd}}, networks: {n: {aliases: [${odd}, null]}}}}`);
  expect(JSON.stringify(manifests)).not.toMatch(/\[object|undefined|NaN/);
  expect(manifests.some(({ kind }) => kind === 'Deployment')).toBe(true);
});
