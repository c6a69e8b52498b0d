/**
 * Writes the `coppice` command as few files: `packages/cli/dist/command`, part of `npm run build`.
 *
 * A command that needs the store would otherwise search, read and link 1,200 modules before it does anything.
 */
import { resolve } from 'node:path';
import { bundleCommand } from './bundle/bundle-command.ts';

await bundleCommand(resolve(import.meta.dirname, '../packages/cli/dist/command'));
