/** Writes what browsers load: `packages/ui/dist/panel` and `packages/ui/dist/page`, part of `npm run build`. */
import { resolve } from 'node:path';
import { bundlePage, bundlePanels } from './bundle/bundle-ui.ts';

const dist = resolve(import.meta.dirname, '../packages/ui/dist');
await bundlePanels(resolve(dist, 'panel'));
await bundlePage(resolve(dist, 'page'));
