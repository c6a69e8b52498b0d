/** Writes the stores with TypeORM inside: `packages/storage/dist/bundle`, part of `npm run build`. */
import { resolve } from 'node:path';
import { bundleStorage } from './bundle/bundle-storage.ts';

await bundleStorage(resolve(import.meta.dirname, '../packages/storage/dist/bundle'));
