/**
 * Runs the tests in a real browser or editor: `npm run test:page`, `npm run test:vscode`.
 * Brings Chromium where it can; where it can not, says so loudly, and fails if this is continuous integration.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { provideChromium } from './e2e/chromium.ts';

const root = resolve(import.meta.dirname, '..');
const [what = '', ...rest] = process.argv.slice(2);

if (provideChromium() === undefined) {
  const isCi = process.env['CI'] !== undefined;
  console.error(`
!!! NOT TESTED: there is no Chromium on this machine, and it could not be installed.
!!! Install it (Debian: apt-get install chromium), or name one with CHROMIUM=path, and run this again.
`);
  process.exit(isCi ? 1 : 0);
}
const args = ['run', '--config', 'vitest.e2e.config.ts', `tools/e2e/${what}`, ...rest];
const { status } = spawnSync(process.execPath, [resolve(root, 'node_modules/vitest/vitest.mjs'), ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
