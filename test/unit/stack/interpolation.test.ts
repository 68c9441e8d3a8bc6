import { describe, expect, it } from 'vitest';
import { interpolate, references } from '../../../src/stack/interpolation';
import { domainVariable, generateMagicValue, magicCommand, seededSource } from '../../../src/stack/magicVariables';

const values = new Map([['A', 'a'], ['EMPTY', ''], ['B', 'b']]);
const run = (text: string): string => interpolate(text, (name) => values.get(name));

describe('interpolate', () => {
  it.each([
    ['$A-${B}', 'a-b'], ['$$A', '$A'], ['${X:-d}', 'd'], ['${EMPTY:-d}', 'd'], ['${EMPTY-d}', ''], ['${X:-${A}}', 'a'], ['${A:+yes}', 'yes'], ['${X+yes}', ''],
    ['postgres://${A}:${B}@db', 'postgres://a:b@db'], ['100%$', '100%$'], ['${unclosed', '${unclosed'], ['$1', '$1'], ['${X:-a:b}', 'a:b'],
  ])('%s is %s', (text, expected) => { expect(run(text)).toBe(expected); });
  it('tells of a required variable that is missing', () => {
    const problems: string[] = [];
    interpolate('${X:?give it}', () => undefined, ({ name, message }) => problems.push(`${name}: ${message}`));
    expect(problems).toEqual(['X: give it']);
  });
  it('finds references inside defaults', () => { expect(references('${X:-${Y-1}}').map((reference) => reference.name)).toEqual(['X', 'Y']); });
});

describe('magic variables', () => {
  it.each([['SERVICE_PASSWORD_DB', 'PASSWORD'], ['SERVICE_PASSWORD_64_DB', 'PASSWORD_64'], ['SERVICE_PASSWORD_MY_APP_X', undefined], ['SERVICE_USER_DB', 'USER']])('the command of %s is %s', (name, command) => { expect(magicCommand(name)).toBe(command); });
  it('takes a domain name apart', () => { expect(domainVariable('SERVICE_URL_MY_APP_3000')).toEqual({ kind: 'URL', service: 'MY_APP', port: 3000 }); });
  it.each([['PASSWORD', /^[A-Za-z0-9]{32}$/], ['BASE64_64', /^[A-Za-z0-9]{64}$/], ['REALBASE64', /^[A-Za-z0-9+/]{43}=$/], ['HEX_32', /^[0-9a-f]{32}$/], ['USER', /^[A-Za-z0-9]{16}$/]])('%s has Coolify\'s alphabet and length', (command, form) => {
    expect(generateMagicValue(`SERVICE_${command}_X`, seededSource('1'), '')).toMatch(form);
  });
  it('is repeatable, and different for each name', () => {
    const make = (name: string): string | undefined => generateMagicValue(name, seededSource('1'), '');
    expect(make('SERVICE_PASSWORD_A')).toBe(make('SERVICE_PASSWORD_A'));
    expect(make('SERVICE_PASSWORD_A')).not.toBe(make('SERVICE_PASSWORD_B'));
  });
  it('leaves what is no command empty, as Coolify does', () => { expect(generateMagicValue('SERVICE_PASSWORD_MY_APP', seededSource('1'), '')).toBeUndefined(); });
});
