/**
 * Installs a real VS Code for tests, once: the server and workbench that code-server brings, in `tools/vscode-host/node_modules`.
 *
 * Its own installation script would build modules that tests do not need, with libraries that machines do not have. So: packages
 * without scripts, then the dependencies of the server inside, then the two native modules that it does need.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../vscode-host');
const server = join(folder, 'node_modules/code-server');
const inner = join(server, 'lib/vscode');
const stamp = join(folder, 'node_modules/.installed');

/** For log channels and for noticing that a window has gone. */
const NATIVE_MODULES = ['@vscode/spdlog', '@vscode/native-watchdog'];
/** Path of the program that starts the editor's server. Installs it where it is missing or another version is wanted. */
export function provideEditor(): string {
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  const entry = join(server, 'out/node/entry.js');
  if (existsSync(entry) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return entry;
  console.log('Installing VS Code for the tests; this takes a minute or two, once …');
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
  npm(folder, 'ci', '--ignore-scripts');
  npm(inner, 'install', '--omit=dev', '--ignore-scripts', '--no-package-lock');
  npm(inner, 'rebuild', ...NATIVE_MODULES);
  writeFileSync(stamp, wanted);
  return entry;
}

/** Runs npm with this process's Node, whose headers the native modules are built with. */
function npm(cwd: string, ...args: readonly string[]): void {
  const node = dirname(process.execPath);
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${node}${delimiter}${process.env['PATH'] ?? ''}`,
      npm_config_nodedir: resolve(node, '..'),
    },
  });
}
