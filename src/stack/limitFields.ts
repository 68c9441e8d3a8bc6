import { parseDockerBytes } from '../text/quantities';
import type { JsonObject } from '../text/json';
import { numberField, textField } from './apiFields';
import type { RunOptions } from './dockerRunOptions';
import type { FieldFindings } from './fieldFindings';

/** Limits that a pod does not have, and amounts that Docker itself refuses; the same for applications and databases (`limits_*`). */
export function decideLimits(resource: JsonObject, findings: FieldFindings): void {
  const set = (field: string): boolean => textField(resource, field) !== undefined && textField(resource, field) !== '0';
  if (set('limits_memory_swap')) findings.add('field', 'approximated', ['limits_memory_swap'], 'Kubernetes does not limit swap per container; the memory limit alone holds.');
  if (set('limits_cpuset')) findings.add('field', 'approximated', ['limits_cpuset'], 'CPUs are not pinned; only the static CPU manager of a node can do that.');
  if (set('limits_memory_swappiness') && numberField(resource, 'limits_memory_swappiness') !== 60) findings.add('field', 'approximated', ['limits_memory_swappiness'], 'Kubernetes does not tune swapping per container; a node swaps, or not, for all.');
  for (const field of ['limits_memory', 'limits_memory_reservation']) {
    if (set(field) && parseDockerBytes(textField(resource, field) ?? '') === undefined) findings.add('invalidValue', 'refused', [field], 'It is no amount of memory, so Docker refuses it too.', { fix: 'Write a number with b, k, m or g.' });
  }
  if (set('limits_cpus') && numberField(resource, 'limits_cpus') === undefined) findings.add('invalidValue', 'refused', ['limits_cpus'], 'It is no number, so Docker refuses it too.', { fix: 'Write a number of CPUs.' });
}

/** What became of `custom_docker_run_options`, those that Coolify itself drops or cuts included. */
export function decideOptions(options: RunOptions, findings: FieldFindings): void {
  const path = ['custom_docker_run_options'];
  if (Object.keys(options.service).length > 0) findings.add('runOptions', 'translated', path, `Carried over: ${Object.keys(options.service).join(', ')}.`);
  if (options.dropped.length > 0) findings.add('runOptions', 'ignored', [...path, 'dropped'], `Coolify drops ${options.dropped.join(', ')}, so they never had an effect.`);
  for (const { flag, value } of options.cut) findings.add('runOptions', 'translated', [...path, flag], `Coolify cuts the value of ${flag} at a hyphen, so Docker gets "${value}".`);
  if (Object.keys(options.addresses).length > 0) findings.add('runOptions', 'approximated', [...path, 'ip'], 'A pod has no fixed address; peers reach it by name.');
  if (typeof options.service['shm_size'] === 'string') findings.add('runOptions', 'translated', [...path, 'shm_size'], 'Shared memory becomes a memory volume, which counts towards the memory limit.');
}
