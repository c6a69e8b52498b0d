/** Writes `packages/vscode/dist`, part of `npm run build`. */
import { bundleVscode } from './bundle/bundle-vscode.ts';

await bundleVscode();
