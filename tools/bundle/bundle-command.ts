/** The `coppice` command and all that it imports but the SQLite driver, which finds its binary beside itself. */
import { join } from 'node:path';
import { bundleNode } from './bundle-node.ts';
import { bundlePage } from './bundle-ui.ts';

/** The worker is started by its name, beside whatever file starts it. */
const ENTRIES = {
  main: 'packages/cli/src/main.ts',
  'function-worker': 'extensions/executor-function/src/function-worker.ts',
};

/** Replaces what the folder holds. */
export async function bundleCommand(outdir: string): Promise<void> {
  await bundleNode({ entries: ENTRIES, external: ['better-sqlite3'], outdir });
  // The server finds the page beside its own file.
  await bundlePage(join(outdir, 'page'));
}
