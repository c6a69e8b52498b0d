/**
 * Runs after `npm install`: makes `node` in npm scripts the Node this repository brings.
 *
 * npm 11 has linked it already. npm 10 links it and then removes the link together with the packages of the other
 * platforms, which are called `node` too. Plain JavaScript, because any Node may run it.
 */
import { existsSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

const modules = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../node_modules');
const binary = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');
const link = join(modules, '.bin', 'node');

if (process.platform !== 'win32' && existsSync(join(modules, binary)) && !existsSync(link)) {
  symlinkSync(join('..', binary), link);
}
