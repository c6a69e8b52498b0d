/** Collects the names that pages may use, from the parts that answer to them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { definitionJsonSchema } from '@coppice/definition';
import { methods, notifications } from '@coppice/protocol';
import { configJsonSchema } from '@coppice/server';
import type { KnownNames, SettingsSchema } from './find-name-problems.ts';

/** What may be an error code, and an environment variable. */
const WORD = /'[a-z][a-z-]*\/[a-z][a-z-]*'|COPPICE_[A-Z_]+/g;

export function readKnownNames(root: string): KnownNames {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .trim()
    .split('\n');
  const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
  const sources = files.filter((file) => /\.(ts|mjs)$/.test(file) && !/\.(test|e2e)\.ts$/.test(file));
  return {
    scripts: new Map(
      files
        .filter((file) => path.basename(file) === 'package.json')
        .map((file) => {
          const { scripts = {} } = JSON.parse(read(file)) as { readonly scripts?: Readonly<Record<string, string>> };
          return [path.dirname(file), new Set(Object.keys(scripts))];
        }),
    ),
    methods: new Set([...Object.keys(methods), ...Object.keys(notifications)]),
    settings: configJsonSchema(),
    policies: new Set(['TaskPolicies', 'RunPolicies'].flatMap((name) => fieldsOf(name))),
    words: new Set(sources.flatMap((file) => read(file).match(WORD) ?? []).map((word) => word.replaceAll("'", ''))),
    files,
  };
}

/** Fields of a part of a definition file; without a name, of the file itself. */
export function fieldsOf(name?: string): readonly string[] {
  const file: unknown = definitionJsonSchema();
  const { $defs, properties } = file as SettingsSchema & { readonly $defs: Readonly<Record<string, SettingsSchema>> };
  return Object.keys((name === undefined ? properties : $defs[name]?.properties) ?? {});
}
