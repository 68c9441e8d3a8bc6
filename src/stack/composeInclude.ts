import { isObject, scalarText } from '../text/json';
import type { Json, JsonObject } from '../text/json';
import { readYaml } from '../text/yaml';
import { expandExtends } from './composeExtends';
import type { ReadText } from './composeExtends';
import { mergeService } from './composeMerge';
import { folderOf, pathFrom, rebaseService } from './composePaths';
import type { FindingList } from './findings';

/** How deep files may include one another; a circle ends here. */
const deepest = 8;

interface Included { paths: string[]; envFiles: string[]; folder: string | undefined }

/** What an included file's own `.env` says, put into its text before it joins the rest. */
export type InterpolateWith = (value: Json, envFiles: readonly string[]) => Json;

/** Joins the files of `include` into one project. Each is a project of its own first: its paths and its variables are relative to itself. */
export function expandIncludes(root: JsonObject, readFile: ReadText, interpolate: InterpolateWith, findings: FindingList, depth = 0): JsonObject {
  if (root['include'] === undefined || root['include'] === null) return root;
  const { include, ...rest } = root;
  let result: JsonObject = rest;
  const items = Array.isArray(include) ? include : [include ?? null];
  items.forEach((item, index) => {
    const project = depth >= deepest ? undefined : readIncluded(included(item), readFile, interpolate, findings, depth);
    if (project === undefined) findings.add('include', 'refused', ['include', String(index)], 'This file is not to be found or is no compose file.', { fix: 'Put it beside this file, or copy its services here.' });
    else result = join(result, project);
  });
  return result;
}

function included(item: Json): Included {
  const list = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(scalarText) : typeof value === 'string' ? [value] : []);
  if (!isObject(item)) return { paths: [scalarText(item)], envFiles: [], folder: undefined };
  const folder = typeof item['project_directory'] === 'string' ? `${item['project_directory'].replace(/\/+$/, '')}/` : undefined;
  return { paths: list(item['path']), envFiles: list(item['env_file']), folder };
}

function readIncluded({ paths, envFiles, folder }: Included, readFile: ReadText, interpolate: InterpolateWith, findings: FindingList, depth: number): JsonObject | undefined {
  const base = folder ?? folderOf(paths[0] ?? '');
  let project: JsonObject | undefined;
  for (const path of paths) {
    const text = readFile(path);
    const yaml = text === undefined ? undefined : readYaml(text);
    if (yaml === undefined || 'kind' in yaml || !isObject(yaml.value)) return undefined;
    project = project === undefined ? yaml.value : mergeProject(project, yaml.value);
  }
  if (project === undefined) return undefined;
  const inside: ReadText = (path) => readFile(pathFrom(base, path));
  const services = isObject(project['services']) ? expandExtends(project['services'], inside, findings) : {};
  const whole = expandIncludes({ ...project, services }, inside, interpolate, findings, depth + 1);
  const files = envFiles.length > 0 ? envFiles : base === '' ? [] : [`${base}.env`];
  const joined = files.length === 0 ? whole : interpolate(whole, files);
  return isObject(joined) ? rebaseProject(joined, base) : undefined;
}

function mergeProject(base: JsonObject, own: JsonObject): JsonObject {
  const result: JsonObject = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? Object.fromEntries([...new Set([...Object.keys(before), ...Object.keys(value)])].map((name) => {
      const [left, right] = [before[name] ?? null, value[name] ?? null];
      return [name, isObject(left) && isObject(right) ? mergeService(left, right) : right ?? left];
    })) : value;
  }
  return result;
}

function rebaseProject(project: JsonObject, folder: string): JsonObject {
  const each = (value: Json | undefined, change: (item: JsonObject) => JsonObject): Json => (isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isObject(item) ? change(item) : item])) : {});
  const file = (item: JsonObject): JsonObject => (typeof item['file'] === 'string' ? { ...item, file: pathFrom(folder, item['file']) } : item);
  return { ...project, services: each(project['services'], (service) => rebaseService(service, folder)), configs: each(project['configs'], file), secrets: each(project['secrets'], file) };
}

/** The main file's own definitions win, as a service that both define would be refused by Compose. */
function join(main: JsonObject, other: JsonObject): JsonObject {
  const result: JsonObject = { ...main };
  for (const key of ['services', 'volumes', 'configs', 'secrets', 'networks', 'models'] as const) {
    const [own, more] = [main[key], other[key]];
    if (isObject(more) && (Object.keys(more).length > 0 || own !== undefined)) result[key] = { ...more, ...(isObject(own) ? own : {}) };
  }
  return result;
}
