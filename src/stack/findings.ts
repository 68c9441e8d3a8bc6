import type { Decision, Finding, Origin, Severity } from '../model/finding';

/** Every code the front ends use. A code is never given a second meaning. */
export const findingCodes = {
  key: 'CK1000',
  build: 'CK1001',
  dockerSocket: 'CK1002',
  hostPath: 'CK1003',
  directoryStartsEmpty: 'CK1004',
  missingFileContent: 'CK1005',
  missingVariable: 'CK1006',
  requiredVariable: 'CK1007',
  generatedValue: 'CK1008',
  lockedValue: 'CK1009',
  lifecycle: 'CK1010',
  healthCheck: 'CK1011',
  domain: 'CK1012',
  profile: 'CK1013',
  extendsFile: 'CK1014',
  invalidValue: 'CK1015',
  network: 'CK1016',
  port: 'CK1017',
  dependency: 'CK1018',
  externalVolume: 'CK1019',
  notYet: 'CK1020',
  runOptions: 'CK1021',
  field: 'CK1022',
  preview: 'CK1023',
  backup: 'CK1024',
  include: 'CK1040',
  hook: 'CK1041',
  placement: 'CK1042',
  gpu: 'CK1043',
} as const;

export type FindingName = keyof typeof findingCodes;

/** The name of a code of this table. */
export function findingName(code: string): FindingName | undefined {
  return nameByCode.get(code);
}

const nameByCode = new Map(Object.entries(findingCodes).map(([name, code]) => [code as string, name as FindingName]));

const severities: Record<Decision, Severity> = { translated: 'info', inferred: 'info', approximated: 'warning', ignored: 'info', refused: 'error' };

/** Collects findings while a front end reads one source. */
export class FindingList {
  readonly all: Finding[] = [];
  constructor(private readonly source: string, private readonly rangeOf: (path: string[]) => Origin['range'] = () => undefined) {}

  origin(path: string[]): Origin {
    const range = this.rangeOf(path);
    return range === undefined ? { source: this.source, path: path.join('.') } : { source: this.source, path: path.join('.'), range };
  }

  add(name: FindingName, decision: Decision, path: string[], message: string, more: { evidence?: string; fix?: string } = {}): void {
    this.all.push({ code: findingCodes[name], decision, severity: severities[decision], origin: this.origin(path), message, ...more });
  }
}
