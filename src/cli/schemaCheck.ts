import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import kubernetes from '../../schemas/kubernetes.json';
import type { Manifest } from '../model/manifest';
import { plainJson } from '../text/json';

const objects = new Map<string, string>(Object.entries(kubernetes.objects));
const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false });
ajv.addSchema({ $id: 'kubernetes', definitions: kubernetes.definitions });
const validators = new Map<string, ValidateFunction>();

/**
 * What is wrong with an object by the published schema of its kind (Kubernetes 1.34, unknown fields refused), one sentence
 * each. Kinds that Kubernetes itself does not define (custom resources) have no schema here and pass.
 */
export function schemaProblems(manifest: Manifest): string[] {
  const validate = validatorOf(`${manifest.apiVersion} ${manifest.kind}`);
  if (validate === undefined || validate(plainJson(manifest))) return [];
  return (validate.errors ?? []).map((error) => `${manifest.kind} ${manifest.metadata.name}${error.instancePath}: ${sentence(error)}`);
}

function validatorOf(key: string): ValidateFunction | undefined {
  const definition = objects.get(key);
  if (definition === undefined) return undefined;
  const known = validators.get(key) ?? ajv.compile({ $ref: `kubernetes#/definitions/${definition}` });
  validators.set(key, known);
  return known;
}

function sentence({ message, params }: ErrorObject): string {
  return 'additionalProperty' in params ? `there is no field "${String(params['additionalProperty'])}"` : message ?? 'not valid';
}
