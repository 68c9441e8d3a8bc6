import type { JsonObject } from '../../text/json';
import type { Container } from '../../model/stack';
import type { RenderContext } from './context';
import { knownGroup, numericUser } from './users';

/** `securityContext` of a container. */
export function containerSecurity(context: RenderContext, container: Container): JsonObject {
  const names = (list: string[]): string[] => [...new Set(list.map((name) => name.toUpperCase().replace(/^CAP_/, '')))];
  const add = names(container.capAdd);
  const drop = names(container.capDrop);
  const privileged = container.privileged === true || container.devices.length > 0;
  if (container.devices.length > 0 && container.privileged !== true) context.find('security', 'approximated', container.origin, `${container.name} needs devices of the node; it runs privileged, since a pod reaches them in no other way without a device plugin.`);
  const noNew = container.noNewPrivileges === true && !privileged && !add.includes('SYS_ADMIN');
  if (container.noNewPrivileges === true && !noNew) context.find('security', 'approximated', container.origin, `${container.name} may gain privileges: the API refuses no-new-privileges beside ${privileged ? 'privileged' : 'CAP_SYS_ADMIN'}.`);
  const seLinux = seLinuxOptions(container);
  return {
    ...(privileged ? { privileged: true } : {}),
    ...(add.length + drop.length === 0 ? {} : { capabilities: { ...(add.length === 0 ? {} : { add }), ...(drop.length === 0 ? {} : { drop }) } }),
    ...(container.readOnlyRootFilesystem === true ? { readOnlyRootFilesystem: true } : {}),
    ...(noNew ? { allowPrivilegeEscalation: false } : {}),
    ...(container.seccompUnconfined === true ? { seccompProfile: { type: 'Unconfined' } } : {}),
    ...(container.appArmorUnconfined === true ? { appArmorProfile: { type: 'Unconfined' } } : {}),
    ...(Object.keys(seLinux).length === 0 ? {} : { seLinuxOptions: seLinux }),
    ...userSpec(context, container),
  };
}

/** `label:disable` is what the type `spc_t` does (container-selinux). */
function seLinuxOptions(container: Container): JsonObject {
  const { disable, ...labels } = container.seLinux ?? {};
  return disable === true ? { type: 'spc_t', ...labels } : labels;
}

function userSpec(context: RenderContext, container: Container): JsonObject {
  if (container.user === undefined) return {};
  const known = numericUser(container.image, container.user);
  if (known === undefined) {
    context.find('user', 'approximated', container.origin, `${container.name} runs as "${container.user}" in Docker; a pod takes numbers only, so it runs as the image's own user.`, { fix: 'Give the user as uid:gid.' });
    return {};
  }
  if (known.evidence !== '') context.find('user', 'inferred', container.origin, `The user "${container.user}" of ${container.name} is written as ${String(known.uid)}: a pod takes numbers only.`, { evidence: known.evidence });
  // Without a group given the runtime takes that of the image's own list, as Docker does.
  return { runAsUser: known.uid, ...(known.gid === undefined || !container.user.includes(':') ? {} : { runAsGroup: known.gid }) };
}

/** `securityContext` of a pod. */
export function podSecurity(context: RenderContext, container: Container): JsonObject {
  const groups = container.groupAdd.map((group) => (/^\d+$/.test(group) ? Number(group) : knownGroup(container.image, group)));
  const numbers = groups.filter((group) => group !== undefined);
  if (numbers.length < groups.length) context.find('user', 'approximated', container.origin, `Groups of ${container.name} that are given by a name of the image's own are left out; a pod takes numbers only.`, { fix: 'Give the gid.' });
  const sysctls = Object.entries(container.sysctls).map(([name, value]) => ({ name, value }));
  const user = numericUser(container.image, container.user ?? '');
  // A fresh claim and every file belong to root; a process that is not root writes to the one, and reads what is not for everyone, only with the group set.
  const needsGroup = user !== undefined && user.uid !== 0 && container.mounts.some((mount) => mount.kind === 'volume' || mount.kind === 'directory' || (mount.kind === 'file' && ((mount.mode ?? 0o755) & 0o004) === 0));
  const security: JsonObject = {
    ...(needsGroup ? { fsGroup: user.gid ?? user.uid, fsGroupChangePolicy: 'OnRootMismatch' } : {}),
    ...(numbers.length === 0 ? {} : { supplementalGroups: [...new Set(numbers)] }), ...(sysctls.length === 0 ? {} : { sysctls }),
  };
  return Object.keys(security).length === 0 ? {} : { securityContext: security };
}

const baselineCapabilities = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT']);
const safeSysctls = new Set([
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
]);

/** What a container asks for that the Pod Security level "baseline" forbids (Kubernetes, "Pod Security Standards"); empty when nothing does. */
export function beyondBaseline(container: Container): string[] {
  const reasons = new Set<string>();
  const when = (condition: boolean | undefined, reason: string): void => { if (condition === true) reasons.add(reason); };
  when(container.privileged === true || container.devices.length > 0, 'privileged');
  when(container.hostNetwork, 'the host network');
  when(container.hostPid === true || container.hostIpc === true, 'host processes');
  when(container.mounts.some((mount) => mount.kind === 'hostPath'), 'a path of the node');
  when(container.capAdd.some((name) => !baselineCapabilities.has(name.toUpperCase().replace(/^CAP_/, ''))), 'capabilities');
  when(container.seccompUnconfined === true || container.appArmorUnconfined === true, 'an unconfined profile');
  when(container.seLinux?.disable === true || container.seLinux?.user !== undefined || container.seLinux?.role !== undefined, 'SELinux labels');
  when(Object.keys(container.sysctls).some((name) => !safeSysctls.has(name)), 'sysctls');
  return [...reasons];
}

/** Sysctls that a kubelet sets only when it was told that it may (`--allowed-unsafe-sysctls`). */
export function unsafeSysctls(container: Container): string[] {
  return Object.keys(container.sysctls).filter((name) => !safeSysctls.has(name));
}
