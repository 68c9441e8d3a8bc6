import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands, rowKinds, settings, views } from '../../../src/ui/ids';

const root = path.resolve(import.meta.dirname, '../../..');
const manifestText = readFileSync(path.join(root, 'package.json'), 'utf8');
interface Item { command: string; when?: string }
interface Manifest {
  contributes: {
    commands: { command: string; category: string }[]; menus: Record<string, Item[]>; views: Record<string, { id: string }[]>;
    viewsContainers: Record<string, { id: string }[]>; viewsWelcome: { view: string }[]; configuration: { properties: Record<string, { scope: string }> };
  };
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
}
const manifest: Manifest = JSON.parse(manifestText);
const texts: Record<string, string> = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8'));
const { contributes } = manifest;

describe('package.json and the code agree', () => {
  it('on commands', () => {
    expect(contributes.commands.map((c) => c.command).sort()).toEqual(Object.values(commands).sort());
    expect(contributes.commands.every((c) => c.category === 'Coolify')).toBe(true);
  });
  it('on settings, and an instance can only be set by the user', () => {
    expect(Object.keys(contributes.configuration.properties).sort()).toEqual([settings.destinations, settings.instances].map((key) => `${settings.section}.${key}`).sort());
    expect(contributes.configuration.properties[`${settings.section}.${settings.instances}`]?.scope).toBe('application');
    expect([...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort()).toEqual(Object.keys(contributes.configuration.properties).sort());
  });
  it('on the shape of a destination, word for word', () => {
    const { $schema: _schema, title: _title, ...schema } = JSON.parse(readFileSync(path.join(root, 'schemas/destination.schema.json'), 'utf8'));
    const told: unknown = JSON.parse(manifestText.replaceAll(/"%([^%"]+)%"/g, (_whole, key: string) => JSON.stringify(texts[key])), (key, value: unknown) => (key === 'patternErrorMessage' ? String(value).replace(/^./, (letter) => letter.toLowerCase()).replace(/\.$/, '') : value));
    const { items } = (told as { contributes: { configuration: { properties: Record<string, { items: object }> } } }).contributes.configuration.properties[`${settings.section}.${settings.destinations}`] ?? { items: {} };
    const { kind: _kind, ...properties } = schema.properties;
    // A file may leave the id and the name to the command line, and say its kind.
    expect(items).toEqual({ ...schema, required: ['id', 'name'], properties });
  });
  it('on views and their containers', () => {
    expect(Object.values(contributes.views).flat().map((v) => v.id)).toEqual(Object.values(views));
    const containers = Object.values(contributes.viewsContainers).flat().map((c) => c.id);
    expect(Object.keys(contributes.views).every((id) => containers.includes(id))).toBe(true);
    expect(contributes.viewsWelcome.every((w) => Object.values<string>(views).includes(w.view))).toBe(true);
  });
  it('on menus: existing commands, views and rows', () => {
    const items = Object.values(contributes.menus).flat();
    expect(items.filter((item) => !Object.values<string>(commands).includes(item.command))).toEqual([]);
    for (const { when = '' } of items) {
      const named = /viewItem (?:==|=~) (?:\/\^)?(\w+)/.exec(when)?.[1];
      if (named !== undefined) expect(Object.values<string>(rowKinds)).toContain(named);
      const view = /view == (\S+)/.exec(when)?.[1];
      if (view !== undefined) expect(Object.values<string>(views)).toContain(view);
    }
  });
  it('on texts: every key is used and every key used is there', () => {
    const used = [...manifestText.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] ?? '');
    expect([...new Set(used)].sort()).toEqual(Object.keys(texts).sort());
    const mentioned = [...JSON.stringify(texts).matchAll(/command:([\w.]+)/g)].map((match) => match[1] ?? '');
    expect(mentioned.filter((id) => !Object.values<string>(commands).includes(id))).toEqual([]);
  });
  it('on ids: the code writes them in one file only', () => {
    const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && file !== path.join('ui', 'ids.ts'));
    expect(files.filter((file) => /['"`]coolifyKubernetes\./.test(readFileSync(path.join(root, 'src', file), 'utf8')))).toEqual([]);
  });
});
