import { isObject } from '../text/json';
import type { Transport } from './transport';
import type { AccessRule } from './types';

const atATime = 4;

/** Asks for each rule whether this account has it (authorization.k8s.io/v1 SelfSubjectAccessReview; every account may ask). */
export async function missingPermissions(transport: Transport, rules: readonly AccessRule[], signal?: AbortSignal): Promise<AccessRule[]> {
  const allowed: boolean[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < rules.length; at = next++) {
      const rule = rules[at];
      if (rule !== undefined) allowed[at] = await isAllowed(transport, rule, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, rules.length) }, worker));
  return rules.filter((_rule, at) => allowed[at] !== true);
}

export async function isAllowed(transport: Transport, rule: AccessRule, signal?: AbortSignal): Promise<boolean> {
  const [resource, subresource] = rule.resource.split('/');
  const resourceAttributes = { verb: rule.verb, group: rule.group, resource, ...(subresource !== undefined && { subresource }), ...(rule.namespace !== undefined && { namespace: rule.namespace }) };
  const review = await transport.object({
    method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', what: 'ask for the permissions of this account', signal,
    body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } }),
  });
  return isObject(review['status']) && review['status']['allowed'] === true;
}
