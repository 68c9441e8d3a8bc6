import { describe, expect, it } from 'vitest';
import { answerOf, assessmentReport } from '../../src/assessment';
import type { Assessed } from '../../src/assessment';
import type { Decision, Finding } from '../../src/model/finding';

const finding = (decision: Decision, message: string, fix?: string): Finding => ({
  code: 'CK1002', decision, severity: decision === 'refused' ? 'error' : decision === 'approximated' ? 'warning' : 'info',
  origin: { source: 'compose.yaml', path: 'services.web.volumes.0' }, message, ...(fix !== undefined && { fix }),
});
const assessed = (name: string, ...findings: Finding[]): Assessed => ({ name, kind: 'service', place: 'Shop / production', findings });

describe('the answer for a resource', () => {
  it('is the worst that was found', () => {
    expect(answerOf(assessed('a', finding('inferred', 'x'), finding('ignored', 'y')))).toBe('possible');
    expect(answerOf(assessed('a', finding('inferred', 'x'), finding('approximated', 'y')))).toBe('complicated');
    expect(answerOf(assessed('a', finding('approximated', 'x'), finding('refused', 'y')))).toBe('impossible');
    expect(answerOf({ ...assessed('a'), failure: 'gone' })).toBe('unknown');
  });
});

describe('the page of answers', () => {
  const page = assessmentReport('Lab', 'Asked for the destination k3s.', [
    assessed('fine', finding('inferred', 'The port is 80.')),
    assessed('socket', finding('approximated', 'Starts empty.'), finding('refused', 'There is no Docker socket.', 'Use something else.')),
    { ...assessed('gone'), failure: 'Coolify answered 404.' },
    assessed('<img src=x onerror=alert(1)> | [a](command:b)\n# heading'),
  ]);

  it('counts, and puts the worst first', () => {
    expect(page).toContain('**4 resources**: 1 impossible, 2 possible, 1 unknown.');
    expect(page).toContain('| **impossible** | socket | service | There is no Docker socket. *and 1 more* |');
    expect(page.indexOf('socket')).toBeLessThan(page.indexOf('fine'));
  });
  it('tells the place where there are several', () => {
    expect(page).not.toContain('Shop / production');
    expect(assessmentReport('Lab', '', [assessed('a'), { ...assessed('b'), place: 'Shop / staging' }])).toContain('| **possible** | b (Shop / staging) | service |  |');
  });
  it('says why, and what to do, of each that is not simply possible', () => {
    expect(page).toContain('## socket: impossible\n\n- **refused** There is no Docker socket. *Use something else.* (CK1002, services.web.volumes.0)\n- **approximated** Starts empty. (CK1002, services.web.volumes.0)');
    expect(page).toContain('## gone: unknown\n\n- Coolify answered 404.');
    expect(page).not.toContain('## fine');
  });
  it('takes no name for Markdown or HTML', () => {
    expect(page).toContain('\\<img src=x onerror=alert(1)\\> \\| \\[a\\](command:b) \\# heading');
    expect(page.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
  });
});
