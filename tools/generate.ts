/**
 * Writes the reference pages: `npm run generate`. With `--check` writes nothing and fails when a page has drifted.
 *
 * Each file of `tools/generate/` exports one `generate…` function; add it to the list below.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { generateConfigPage, generateConfigSchema } from './generate/config-page.ts';
import { generateDecisionsPage } from './generate/decisions-page.ts';
import { generateDefinitionSchema } from './generate/definition-schema.ts';
import { generateMethodsPage, generateOpenRpc } from './generate/methods-page.ts';
import { generatePackagesPage } from './generate/packages-page.ts';

/** One generated file. */
export interface Page {
  /** Relative to the workspace. */
  path: string;
  text: string;
}

const root = resolve(import.meta.dirname, '..');
const generators: readonly ((root: string) => Page | Promise<Page>)[] = [
  generatePackagesPage,
  generateMethodsPage,
  generateOpenRpc,
  generateDefinitionSchema,
  generateConfigPage,
  generateConfigSchema,
  generateDecisionsPage,
];
const isCheck = process.argv.includes('--check');

let driftedCount = 0;
for (const generate of generators) {
  const { path, text } = await generate(root);
  const target = join(root, path);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  driftedCount += 1;
  console.log(`${isCheck ? 'drifted' : 'written'}: ${path}`);
  if (isCheck) continue;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
console.log(`generate: ${generators.length} pages, ${driftedCount} ${isCheck ? 'drifted' : 'written'}`);
if (isCheck && driftedCount > 0) {
  console.error('Run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}
