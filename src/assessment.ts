import type { Finding } from './model/finding';

/** The answer for one resource. `impossible`: something in it cannot be; the rest of it would still run. */
export type Answer = 'possible' | 'complicated' | 'impossible' | 'unknown';

/** A resource and what was found when it was translated, or why it could not be. */
export interface Assessed { name: string; kind: string; place: string; findings: readonly Finding[]; failure?: string }

const order: readonly Answer[] = ['impossible', 'complicated', 'possible', 'unknown'];

/** What is refused makes it impossible as it is, what is approximated makes it complicated. */
export function answerOf({ findings, failure }: Assessed): Answer {
  if (failure !== undefined) return 'unknown';
  if (findings.some(({ decision }) => decision === 'refused')) return 'impossible';
  return findings.some(({ decision }) => decision === 'approximated') ? 'complicated' : 'possible';
}

/** Markdown: which resources can run on Kubernetes, and exactly why not or how differently. `where` is a sentence about the destination. */
export function assessmentReport(title: string, where: string, resources: readonly Assessed[]): string {
  const answered = resources.map((resource) => ({ resource, answer: answerOf(resource) }))
    .sort((a, b) => order.indexOf(a.answer) - order.indexOf(b.answer) || a.resource.name.localeCompare(b.resource.name, 'en'));
  const count = (answer: Answer): number => answered.filter((one) => one.answer === answer).length;
  const counts = order.filter((answer) => count(answer) > 0).map((answer) => `${String(count(answer))} ${answer}`);
  const several = new Set(resources.map(({ place }) => place)).size > 1;
  return [
    `# Can it run on Kubernetes? ${plain(title)}`, plain(where),
    `**${String(resources.length)} ${resources.length === 1 ? 'resource' : 'resources'}**: ${counts.join(', ')}.`,
    ['| answer | resource | kind | because |', '|---|---|---|---|', ...answered.map(({ resource, answer }) => row(resource, answer, several))].join('\n'),
    '*Possible*: it behaves the same. *Complicated*: it works, and something behaves differently. *Impossible*: something in it cannot be as it is; the rest of it would still run. *Unknown*: it could not be read.',
    ...answered.filter(({ answer }) => answer !== 'possible').map(({ resource, answer }) => section(resource, answer)),
  ].join('\n\n').concat('\n');
}

function row(resource: Assessed, answer: Answer, several: boolean): string {
  const [first, ...more] = reasons(resource);
  const because = first === undefined ? '' : `${plain(first.message)}${more.length === 0 ? '' : ` *and ${String(more.length)} more*`}`;
  const name = `${plain(resource.name)}${several && resource.place !== '' ? ` (${plain(resource.place)})` : ''}`;
  return `| ${[`**${answer}**`, name, resource.kind, because].join(' | ')} |`;
}

function section(resource: Assessed, answer: Answer): string {
  const lines = reasons(resource).map(({ message, fix, decision, code, path }) => `- ${decision === undefined ? '' : `**${decision}** `}${plain(message)}${fix === undefined ? '' : ` *${plain(fix)}*`}${code === undefined ? '' : ` (${code}${path === '' ? '' : `, ${plain(path)}`})`}`);
  return `## ${plain(resource.name)}: ${answer}\n\n${lines.join('\n')}`;
}

interface Reason { message: string; fix?: string; decision?: string; code?: string; path: string }

/** The worst first; what is only told for completeness is left out. */
function reasons({ findings, failure }: Assessed): Reason[] {
  if (failure !== undefined) return [{ message: failure, path: '' }];
  const of = (wanted: Finding['decision']): Reason[] => findings.filter(({ decision }) => decision === wanted)
    .map(({ message, fix, decision, code, origin }) => ({ message, decision, code, path: origin.path, ...(fix !== undefined && { fix }) }));
  return [...of('refused'), ...of('approximated')];
}

/** Text of others, with nothing in it that Markdown or HTML would take for its own. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#&~!]/g, (character) => `\\${character}`).trim();
}
