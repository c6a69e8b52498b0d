/** `@coppice/storage` with TypeORM inside, which would otherwise bring a driver of its own into a user's installation. */
import { bundleNode } from './bundle-node.ts';

/** Replaces what the folder holds. */
export async function bundleStorage(outdir: string): Promise<void> {
  await bundleNode({
    entries: { index: 'packages/storage/src/index.ts' },
    external: ['better-sqlite3', '@coppice/core'],
    outdir,
  });
}
