import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, Step } from '../../../src/model/plan';
import { parseEvent, parseState, sanitise } from '../../../src/run/events';
import { stepsScript } from '../../../src/run/steps';

const planOf = (...steps: Step[]): Plan => ({ id: 'r', namespace: 'n', resource: { uuid: 'u', name: 'n' }, steps });
const step = (more: Partial<Step>): Step => ({ id: 's', stage: 'apply', title: 'Title', argv: ['true'], ...more });

describe('the steps of a plan as shell text', () => {
  it('hold one line per step with every word quoted', () => {
    expect(stepsScript(planOf(step({ argv: ['echo', '$(id)', { from: 'tag' }], stdin: 'm.json', timeoutSeconds: 5 })))).toBe(
      `run_step 's' 'apply' 'Title' '5' 'm.json' ' 0 ' '' '' '' '' 'echo' '$(id)' "$(value 'tag')"\n`);
  });

  it('go on after an exit that a later step waits for, but not for a step that only comes after', () => {
    const text = stepsScript(planOf(step({ id: 'a' }), step({ id: 'b', when: { step: 'a', exit: 3 } }), step({ id: 'c', stage: 'after', when: { step: 'a', exit: 4 } })));
    expect(text.split('\n')[0]).toContain("' 0 3 '");
  });

  it.each(['../x', 'a/b', '', '-x', 'a;id', 'a\nb', 'a\n'])('refuse the id or file name %j', (name) => {
    expect(() => stepsScript(planOf(step({ id: name })))).toThrow();
    expect(() => stepsScript(planOf(step({ stdin: name })))).toThrow();
  });

  it.skipIf(!existsSync('/bin/sh'))('mean the same words to a real shell, whatever they are', () => {
    const word = fc.string({ unit: 'binary', maxLength: 40 }).filter((s) => !s.includes('\0') && Buffer.from(s).toString() === s);
    fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), word, (argv, title) => {
      const input = `run_step() { printf '%s\\0' "$3"; shift 10; printf '%s\\0' "$@"; }\n${stepsScript(planOf(step({ argv, title })))}`;
      expect(spawnSync('/bin/sh', ['-s'], { input }).stdout.toString()).toBe([title, ...argv].map((w) => `${w}\0`).join(''));
    }), { numRuns: 100 });
  });
});

describe('the log of a run', () => {
  it('is read line by line', () => {
    expect(parseEvent('10\tstage\t\troll out', 1)).toEqual({ seq: 1, at: '1970-01-01T00:00:10.000Z', type: 'stage', stage: 'roll out' });
    expect(parseEvent('10\toutput\ts\ta\tb', 2)).toEqual({ seq: 2, at: '1970-01-01T00:00:10.000Z', type: 'output', step: 's', text: 'a\tb' });
    expect(parseEvent('10\texit\ts\t143', 3)).toMatchObject({ type: 'exit', code: 143 });
    for (const line of ['', 'x', '10\texit\ts\tx', '10\tstage\t\tnope', 'x\toutput\ts\tt']) expect(parseEvent(line, 1)).toBeUndefined();
  });

  it('is shown without terminal escapes, and a progress line with its last state', () => {
    expect(sanitise('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007x\u0008')).toBe('red x');
    expect(sanitise('10%\r50%\r100%\r')).toBe('100%');
    expect(sanitise('a\u202eb')).toBe('ab');
    expect(sanitise('x'.repeat(9000))).toMatch(/^x{8000}… \(1000 more characters\)$/);
  });

  it('ends with a state', () => {
    expect(parseState('running\n')).toEqual({ kind: 'running' });
    expect(parseState('done 4')).toEqual({ kind: 'done', exit: 4 });
    expect(parseState('died')).toEqual({ kind: 'died' });
    expect(parseState('unknown no such run')).toEqual({ kind: 'unknown', reason: 'no such run' });
    expect(parseState('nonsense')).toMatchObject({ kind: 'unknown' });
  });
});
