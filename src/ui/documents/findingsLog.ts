import type { Finding } from '../../model/finding';

/** Findings as text, the worst first. */
export function findingsText(resource: string, findings: readonly Finding[]): string {
  const order = { error: 0, warning: 1, info: 2 } as const;
  const sorted = [...findings].sort((a, b) => order[a.severity] - order[b.severity]);
  return [`${resource}: ${findings.length} findings`, ...sorted.map(line), ''].join('\n');
}

function line(finding: Finding): string {
  const extra = [finding.evidence && `evidence: ${finding.evidence}`, finding.fix && `fix: ${finding.fix}`].filter(Boolean).map((part) => `\n      ${part}`);
  return `  ${finding.severity.padEnd(7)} ${finding.code} ${finding.decision} ${finding.origin.source}:${finding.origin.path} ${finding.message}${extra.join('')}`;
}

/** How many a person should look at. */
export function notable(findings: readonly Finding[]): number {
  return findings.filter((finding) => finding.severity !== 'info').length;
}
