import type { JsonObject } from '../text/json';
import type { Container } from '../model/stack';
import { flag, strings, text } from './composeValues';
import type { FindingList } from './findings';

/** Privileges, security options and shared namespaces of a service. */
export function readSecurity(container: Container, service: JsonObject, path: string[], findings: FindingList): void {
  if (flag(service['privileged']) === true) container.privileged = true;
  if (flag(service['read_only']) === true) container.readOnlyRootFilesystem = true;
  for (const option of strings(service['security_opt'])) securityOption(container, option, [...path, 'security_opt'], findings);
  network(container, service, path, findings);
  const pid = text(service['pid']);
  if (pid === 'host') container.hostPid = true;
  else if (pid !== undefined && pid !== 'private') findings.add('key', 'approximated', [...path, 'pid'], `"${pid}": containers of different pods cannot see each other's processes.`, { fix: 'Run both in one pod: network_mode: service:NAME.' });
  const ipc = text(service['ipc']);
  if (ipc === 'host') container.hostIpc = true;
  else if (ipc !== undefined && !['private', 'none', 'shareable'].includes(ipc)) findings.add('key', 'approximated', [...path, 'ipc'], `"${ipc}": containers of different pods share no memory.`, { fix: 'Run both in one pod: network_mode: service:NAME.' });
}

function securityOption(container: Container, option: string, path: string[], findings: FindingList): void {
  const [name = '', ...rest] = option.split(/[:=]/);
  const value = rest.join(':');
  if (name === 'no-new-privileges') {
    if (value === '' || value === 'true') container.noNewPrivileges = true;
  } else if (name === 'seccomp' && value === 'unconfined') container.seccompUnconfined = true;
  else if (name === 'apparmor' && value === 'unconfined') container.appArmorUnconfined = true;
  else if (name === 'label') seLinux(container, value);
  else if (name === 'seccomp' || name === 'apparmor') findings.add('key', 'approximated', path, `The ${name} profile "${value}" lies on Coolify's server; the pod runs with the runtime's own.`, { fix: 'Install the profile on the nodes.' });
  else findings.add('key', 'ignored', path, `The security option "${option}" has no counterpart.`);
}

function seLinux(container: Container, value: string): void {
  const [key = '', ...rest] = value.split(':');
  const labels = container.seLinux ?? {};
  if (key === 'disable') labels.disable = true;
  else if (key === 'user' || key === 'role' || key === 'type' || key === 'level') labels[key] = rest.join(':');
  container.seLinux = labels;
}

function network(container: Container, service: JsonObject, path: string[], findings: FindingList): void {
  const mode = text(service['network_mode']);
  const at = [...path, 'network_mode'];
  if (mode === 'host') container.hostNetwork = true;
  else if (mode?.startsWith('service:') === true) container.sharesNetworkOf = mode.slice('service:'.length);
  else if (mode === 'none') findings.add('network', 'approximated', at, 'A pod always has a network; forbid traffic with a NetworkPolicy.');
  else if (mode?.startsWith('container:') === true) findings.add('network', 'refused', at, 'A pod cannot join the network of a container outside the stack.', { fix: 'Put both into one stack and use service:NAME.' });
}
