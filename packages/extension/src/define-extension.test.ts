import { expect, it } from 'vitest';
import { defineExtension, type ExtensionDefinition } from './define-extension.ts';
import type { Executor } from './executor.ts';
import { Contribution, type ExtensionModule } from './manifest.ts';

const executor: Executor = { type: 'greet', description: 'Greets.', effects: 'pure', execute: () => 'hello' };

/** What a container would be given. */
function contributionsOf({ module }: ExtensionModule): readonly (readonly [symbol, unknown])[] {
  const bound: (readonly [symbol, unknown])[] = [];
  const options = { bind: (token: symbol) => ({ toConstantValue: (value: unknown) => bound.push([token, value]) }) };
  void module.load(options as never);
  return bound;
}

it('makes a manifest that names what is contributed, and the API that this package is of', () => {
  const hook = { name: 'audit' };
  const extension = defineExtension({ name: 'mine', version: '1.0.0', executors: [executor], hooks: [hook] });
  expect(extension.manifest).toEqual({
    name: 'mine',
    version: '1.0.0',
    api: '^1.0.0',
    contributes: ['executor', 'hook'],
  });
  expect(contributionsOf(extension)).toEqual([
    [Contribution.Executor, executor],
    [Contribution.Hook, hook],
  ]);
});

it('calls a function for each engine that loads it, so that none shares what another closes', () => {
  const extension = defineExtension({ name: 'mine', version: '1.0.0', executors: [() => ({ ...executor })] });
  const [[, first] = [], [, second] = []] = [...contributionsOf(extension), ...contributionsOf(extension)];
  expect(first).toEqual(executor);
  expect(second).not.toBe(first);
});

it('refuses a member that there is not', () => {
  const misspelt = { name: 'mine', version: '1.0.0', executor: [executor] } as ExtensionDefinition;
  expect(() => defineExtension(misspelt)).toThrow(
    'Extension "mine" has the unknown member "executor". There are name, version, description, api, executors, hooks, backoffs, merges, stores, observers',
  );
});
