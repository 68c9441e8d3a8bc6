import { isObject, scalarText } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { mergeService } from './composeMerge';
import { folderOf, pathFrom, rebaseService } from './composePaths';
import type { FindingList } from './findings';

/** A text beside the main file, by a path relative to it. */
export type ReadText = (path: string) => string | undefined;

/** Resolves `extends`: the base, of this file or of another one, is joined with what the service says itself (Compose specification, "extends"). */
export function expandExtends(services: JsonObject, readFile: ReadText, findings: FindingList): JsonObject {
  const expander = new Expander(readFile, findings);
  return Object.fromEntries(Object.keys(services).map((name) => [name, expander.expand(name, { services, file: '' }, [])]));
}

interface Source { services: JsonObject; file: string }

class Expander {
  private readonly files = new Map<string, Source | undefined>();
  constructor(private readonly readFile: ReadText, private readonly findings: FindingList) {}

  expand(name: string, source: Source, open: readonly string[]): Json {
    const service = source.services[name];
    const reference = isObject(service) ? service['extends'] : undefined;
    if (!isObject(service) || reference === undefined || reference === null) return service ?? null;
    const base = scalarText(isObject(reference) ? reference['service'] : reference);
    const from = isObject(reference) && typeof reference['file'] === 'string' ? this.open(pathFrom(folderOf(source.file), reference['file'])) : source;
    const key = `${from?.file ?? ''}#${base}`;
    if (from === undefined || !isObject(from.services[base]) || open.includes(key)) {
      this.findings.add('extendsFile', 'refused', ['services', open[0]?.split('#')[1] ?? name, 'extends'], open.includes(key) ? 'The services extend one another in a circle.' : `The base "${base}" is not to be found.`, { fix: 'Copy the base into this file.' });
      return service;
    }
    const expanded = this.expand(base, from, [...(open.length === 0 ? [`${source.file}#${name}`] : open), key]);
    return isObject(expanded) ? mergeService(from === source ? expanded : rebaseService(expanded, folderOf(from.file)), service) : service;
  }

  private open(file: string): Source | undefined {
    if (!this.files.has(file)) {
      const text = this.readFile(file);
      const yaml = text === undefined ? undefined : readYaml(text);
      const services = yaml === undefined || 'kind' in yaml || !isObject(yaml.value) ? undefined : yaml.value['services'];
      this.files.set(file, isObject(services) ? { services, file } : undefined);
    }
    return this.files.get(file);
  }
}
