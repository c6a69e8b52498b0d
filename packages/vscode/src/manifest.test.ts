/** The manifest against the code: what one names, the other has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const folder = resolve(import.meta.dirname, '..');
const manifestText = readFileSync(join(folder, 'package.json'), 'utf8');
const strings = JSON.parse(readFileSync(join(folder, 'package.nls.json'), 'utf8')) as Record<string, string>;

interface Item {
  readonly command: string;
  readonly when?: string;
}

const { contributes } = JSON.parse(manifestText) as {
  readonly contributes: {
    readonly commands: readonly Item[];
    readonly menus: Readonly<Record<string, readonly Item[]>>;
    readonly languageModelTools: readonly { readonly name: string }[];
    readonly viewsWelcome: readonly { readonly when: string; readonly contents: string }[];
  };
};
const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(folder, 'src', name), 'utf8'))
  .join('\n');

/** Names of the members of the command tables, as they are written. */
function implemented(): readonly string[] {
  const tables = [
    'connection-commands',
    'definition-commands',
    'work-commands',
    'bulk-commands',
    'hold-commands',
    'show-commands',
  ];
  return tables.flatMap((name) => {
    const text = readFileSync(join(folder, 'src/commands', `${name}.ts`), 'utf8');
    const table = text.slice(text.lastIndexOf('return {', text.indexOf('\n}\n')));
    return [...table.matchAll(/^ {4}(\w+)(?::|,$)/gm)].map((match) => `coppice.${match[1] ?? ''}`);
  });
}

it('contributes exactly the commands that are registered', () => {
  const contributed = contributes.commands.map(({ command }) => command);
  expect(contributed.toSorted()).toEqual([...implemented()].toSorted());
  expect(new Set(contributed).size).toBe(contributed.length);
});

it('names only commands that there are, in menus and in welcome texts', () => {
  const known = new Set(contributes.commands.map(({ command }) => command));
  const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
  const inTexts = [...JSON.stringify(strings).matchAll(/command:(coppice\.\w+)/g)].map((match) => match[1] ?? '');
  expect([...inMenus, ...inTexts].filter((command) => !known.has(command))).toEqual([]);
});

it('uses only context keys that the code sets, and words that rows have', () => {
  const conditions = JSON.stringify(contributes.menus) + JSON.stringify(contributes.viewsWelcome);
  const keys = new Set([...conditions.matchAll(/coppice\.(?!trees|graph|timeline)(\w+)/g)].map((match) => match[0]));
  const commands = new Set(contributes.commands.map(({ command }) => command));
  const unset = [...keys].filter((key) => !commands.has(key) && !sources.includes(`'setContext', '${key}'`));
  expect(unset).toEqual([]);
  const words = [...conditions.matchAll(/\\\\b\(?([\w|]+)\)?\\\\b/g)].flatMap((match) => (match[1] ?? '').split('|'));
  expect(words.length).toBeGreaterThan(20);
  expect(words.filter((word) => !sources.includes(`'${word}'`))).toEqual([]);
});

it('has every text, and no text too many', () => {
  const named = new Set([...manifestText.matchAll(/%([\w.]+)%/g)].map((match) => match[1] ?? ''));
  expect([...named].toSorted()).toEqual(Object.keys(strings).toSorted());
});

it('implements every tool for language models that it contributes', () => {
  for (const { name } of contributes.languageModelTools) expect(sources).toContain(`'${name}'`);
});
