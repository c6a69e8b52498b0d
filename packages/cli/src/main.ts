#!/usr/bin/env node
/** The `coppice` command. */
import { enableCompileCache } from 'node:module';
import { CLI_VERSION } from './version.ts';

// Whoever reads the output may stop reading (`| head`): that ends the command, and is no fault.
// A terminal that is gone (EIO) has sent SIGHUP, which is answered where the work is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EIO') return;
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EIO' && error.code !== 'EPIPE') throw error;
});

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Answered before anything else is loaded: shells and editors ask for it often.
  process.stdout.write(`${CLI_VERSION}\n`);
} else {
  // Halves the start: Node keeps what it compiled in the system's temporary folder.
  enableCompileCache();
  const { runProgram } = await import('./program.ts');
  await runProgram(args);
}
