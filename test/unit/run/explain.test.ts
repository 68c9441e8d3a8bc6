import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/run/explain';
import type { Json, JsonObject } from '../../../src/text/json';

const pod = (status: Json, name = 'web-1'): JsonObject => ({ kind: 'Pod', metadata: { name }, status });
const waiting = (reason: string, message = '', more: JsonObject = {}): JsonObject =>
  pod({ containerStatuses: [{ name: 'web', image: 'example.org/web:1', ready: false, state: { waiting: { reason, message } }, ...more }] });
const event = (reason: string, message: string, name = 'web-1', kind = 'Pod'): JsonObject =>
  ({ kind: 'Event', type: 'Warning', reason, message, involvedObject: { kind, name } });
const unschedulable = (message: string): JsonObject => pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
const list = (...items: JsonObject[]): Json => ({ apiVersion: 'v1', kind: 'List', items });
const notFound = 'failed to pull and unpack image "example.org/web:1": failed to resolve reference "example.org/web:1": example.org/web:1: not found';
const unauthorized = 'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://example.org/token: 401 Unauthorized';

describe('explain', () => {
  it.each<[string, JsonObject[], string, RegExp]>([
    ['a missing image', [waiting('ImagePullBackOff', 'Back-off pulling image'), event('Failed', notFound)], 'ImagePullBackOff', /does not exist in the registry/],
    ['a private image', [waiting('ErrImagePull', unauthorized)], 'ErrImagePull', /does not let the cluster pull/],
    ['an unreachable registry', [waiting('ErrImagePull', 'dial tcp: lookup example.org: no such host')], 'ErrImagePull', /cannot reach the registry/],
    ['a rate limit', [waiting('ErrImagePull', '429 Too Many Requests - toomanyrequests: You have reached your pull rate limit')], 'ErrImagePull', /limits how often/],
    ['another architecture', [waiting('ErrImagePull', 'no match for platform in manifest')], 'ErrImagePull', /architecture/],
    ['an invalid image name', [waiting('InvalidImageName', 'couldn\'t parse image name')], 'InvalidImageName', /no valid image name/],
    ['a crash', [waiting('CrashLoopBackOff', 'back-off', { lastState: { terminated: { exitCode: 127, reason: 'Error' } } })], 'CrashLoopBackOff', /exit code 127 \(the command was not found/],
    ['a failing liveness probe', [waiting('CrashLoopBackOff', '', { lastState: { terminated: { exitCode: 137, reason: 'Error' } } }), event('Unhealthy', 'Liveness probe failed: x')], 'CrashLoopBackOff', /health check fails/],
    ['too little memory', [waiting('CrashLoopBackOff', '', { lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })], 'OOMKilled', /more memory than its limit/],
    ['a missing secret', [waiting('CreateContainerConfigError', 'secret "web" not found')], 'CreateContainerConfigError', /secret "web" not found/],
    ['a missing program', [waiting('RunContainerError', 'exec: "nope": executable file not found in $PATH')], 'RunContainerError', /cannot be started/],
    ['too few resources', [unschedulable('0/1 nodes are available: 1 Insufficient memory.')], 'FailedScheduling', /enough free resources/],
    ['an unbound claim', [unschedulable('pod has unbound immediate PersistentVolumeClaims')], 'FailedScheduling', /waits for its volume/],
    ['a taint', [unschedulable('0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.')], 'FailedScheduling', /No node accepts/],
    ['a container that is not ready', [pod({ containerStatuses: [{ name: 'web', ready: false, state: { running: {} } }] }), event('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 404')], 'Unhealthy', /statuscode: 404/],
    ['a failed mount', [pod({ containerStatuses: [{ name: 'web', state: { waiting: { reason: 'ContainerCreating' } } }] }), event('FailedMount', 'configmap "x" not found')], 'FailedMount', /cannot be mounted/],
    ['a quota', [event('FailedCreate', 'exceeded quota', 'web', 'ReplicaSet')], 'FailedCreate', /pods cannot be created: exceeded quota/],
  ])('names %s', (_name, items, reason, message) => {
    const [first] = explain(list(...items));
    expect(first).toMatchObject({ reason });
    expect(first?.message).toMatch(message);
    expect(first?.nextStep).not.toBe('');
  });

  it('says nothing about a healthy pod, nor about what is no list', () => {
    expect(explain(list(pod({ containerStatuses: [{ name: 'web', ready: true, state: { running: {} } }] })))).toEqual([]);
    expect(explain(null)).toEqual([]);
    expect(explain({ items: [null, 'x'] })).toEqual([]);
  });
});
