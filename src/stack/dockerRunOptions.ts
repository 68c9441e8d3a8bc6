import type { Json, JsonObject } from '../text/json';

/** The flags that Coolify passes on, and the Compose keys they become (`convertDockerRunToCompose`). */
const keys: Record<string, string> = {
  '--cap-add': 'cap_add', '--cap-drop': 'cap_drop', '--security-opt': 'security_opt', '--sysctl': 'sysctls', '--device': 'devices', '--ulimit': 'ulimits', '--init': 'init',
  '--privileged': 'privileged', '--shm-size': 'shm_size', '--gpus': 'deploy', '--hostname': 'hostname', '--entrypoint': 'entrypoint', '--dns': 'dns', '--ip': 'ip', '--ip6': 'ip6',
};

export interface RunOptions {
  /** Compose keys of the service. */
  service: JsonObject;
  /** `--ip` and `--ip6`: addresses on the destination's network, which replace the aliases there. */
  addresses: JsonObject;
  /** Flags that Coolify drops without a word, and values that its parser cuts at a hyphen. */
  dropped: string[];
  cut: { flag: string; value: string }[];
}

/** Reads `custom_docker_run_options` with Coolify's own parser, its faults included: what never ran is not made up here. */
export function readRunOptions(text: string): RunOptions {
  const found = new Map<string, string[]>();
  const options: RunOptions = { service: {}, addresses: {}, dropped: [], cut: [] };
  for (const match of text.matchAll(/(--\w+(?:-\w+)*)(?:\s|=)?([^\s-]+)?/g)) {
    const flag = match[1] ?? '';
    if (keys[flag] === undefined) { if (!options.dropped.includes(flag)) options.dropped.push(flag); continue; }
    const value = ownValue(flag, text) ?? match[2];
    const values = found.get(flag) ?? [];
    if (value !== undefined && !values.includes(value)) values.push(value);
    found.set(flag, values);
    const next = text.charAt(match.index + match[0].length);
    if (next === '-' && match[2] !== undefined && ownValue(flag, text) === undefined) options.cut.push({ flag, value: match[2] });
  }
  // Short flags (`-v`) are not even looked at; what stands in an entrypoint is none.
  for (const [, flag = ''] of text.replace(/--entrypoint(?:=|\s+)(?:"(?:\\.|[^"])*"|'(?:\\.|[^'])*'|\S+)/, '').matchAll(/(?:^|\s)(-[A-Za-z])(?=[\s=]|$)/g)) if (!options.dropped.includes(flag)) options.dropped.push(flag);
  for (const [flag, values] of found) place(options, flag, values);
  return options;
}

/** Flags with an expression of their own, which is not cut at a hyphen. */
function ownValue(flag: string, text: string): string | undefined {
  if (flag === '--hostname') return /--hostname(?:=|\s+)(\S+)/.exec(text)?.[1];
  if (flag === '--gpus') return /--gpus(?:=|\s+)\S*device=([0-9A-Za-z,-]+)/.exec(text)?.[1] ?? 'all';
  if (flag !== '--entrypoint') return undefined;
  const raw = /--entrypoint(?:=|\s+)("(?:\\.|[^"])*"|'(?:\\.|[^'])*'|\S+)/.exec(text)?.[1];
  return raw === undefined ? undefined : /^(["']).*\1$/s.test(raw) ? raw.slice(1, -1).replace(/\\(["'\\])/g, '$1') : raw;
}

function place({ service, addresses }: RunOptions, flag: string, values: string[]): void {
  const key = keys[flag] ?? '';
  const last = values.at(-1);
  switch (flag) {
    case '--init': case '--privileged': service[key] = true; return;
    case '--hostname': case '--entrypoint': case '--shm-size': if (last !== undefined) service[key] = last; return;
    case '--ip': if (last !== undefined) addresses['ipv4_address'] = last; return;
    case '--ip6': if (last !== undefined) addresses['ipv6_address'] = last; return;
    case '--ulimit': service[key] = Object.fromEntries(values.map(ulimit)); return;
    case '--gpus': service[key] = gpus(values[0] ?? 'all'); return;
    default: if (values.length > 0) service[key] = values;
  }
}

function ulimit(value: string): [string, Json] {
  const [name = '', limits = ''] = value.split('=');
  const [soft = '', hard] = limits.split(':');
  return [name, hard === undefined ? { soft } : { soft, hard }];
}

function gpus(value: string): JsonObject {
  const devices: Json = [{ driver: 'nvidia', capabilities: ['gpu'], ...(value === 'all' ? {} : { device_ids: value.split(',') }) }];
  return { resources: { reservations: { devices } } };
}
