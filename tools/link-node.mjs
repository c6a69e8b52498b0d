/**
 * Runs after `npm install`: makes `node` in npm scripts the Node this repository brings.
 *
 * npm 11 has linked it already. npm 10 links it and then removes the link together with the packages of the other
 * platforms, which are called `node` too. Plain JavaScript, because any Node may run it.
 */
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const binary = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');
const link = join(modules, '.bin', 'node');

if (process.platform !== 'win32' && existsSync(join(modules, binary)) && !existsSync(link)) {
  symlinkSync(join('..', binary), link);
}
