import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function readLines({ file }: { readonly file: string }): readonly string[] {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
