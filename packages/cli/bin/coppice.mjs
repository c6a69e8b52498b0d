#!/usr/bin/env node
/** The installed command: starts what was built. It is no part of the build, because npm links a workspace's command when it installs, before anything is built. */
import { existsSync } from 'node:fs';

const main = new URL('../dist/command/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('✗ This clone of Coppice is not built yet.\n  Build it once with: npm run build\n');
  process.exitCode = 3;
}
