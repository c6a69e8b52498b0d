/** Writes what browsers load: `packages/ui/dist/panel` and `packages/ui/dist/page`, part of `npm run build`. */
import { resolve } from 'node:path';
import { bundleUi } from './bundle/bundle-ui.ts';

await bundleUi(resolve(import.meta.dirname, '../packages/ui/dist'));
