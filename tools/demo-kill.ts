/** `npm run demo:kill`: the demo, and SIGKILL for it as soon as its first task is through. `coppice resume` goes on from there. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const main = resolve(root, 'packages/cli/src/main.ts');
const definition = resolve(root, 'examples/repository-report/repository-report.coppice.yaml');

const demo = spawn(process.execPath, ['--conditions=coppice-source', main, 'run', definition], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
demo.stdout.setEncoding('utf8').on('data', (text: string) => {
  process.stdout.write(text);
  // Not after some seconds: nobody knows how fast this machine is.
  if (text.includes('✓')) demo.kill('SIGKILL');
});
demo.once('exit', (code, signal) => {
  if (signal === 'SIGKILL')
    process.stdout.write('\nKilled in the middle of its work. Go on with: npm run coppice -- resume\n');
  else process.exitCode = code ?? 1;
});
