#!/usr/bin/env node
/**
 * The installed command: starts what was built. It is no part of the build, because npm links a workspace's command when it installs,
 * before anything is built. Any Node that knows modules must understand this file: an old one is told so in one sentence.
 */
import { existsSync } from 'fs';

const MAJOR = 22;
const MINOR = 19;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const main = new URL('../dist/command/main.js', import.meta.url);
if (major < MAJOR || (major === MAJOR && minor < MINOR)) {
  process.stderr.write(
    `✗ Coppice needs Node.js ${MAJOR}.${MINOR} or later, and this is ${process.versions.node}; install a newer one from https://nodejs.org\n`,
  );
  process.exitCode = 3;
} else if (existsSync(main)) {
  void import(main.href);
} else {
  process.stderr.write('✗ This clone of Coppice is not built yet.\n  Build it once with: npm run build\n');
  process.exitCode = 3;
}
