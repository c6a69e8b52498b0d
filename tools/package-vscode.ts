/** Packs the extension: `npm run package -w packages/vscode`. */
import { packageVscode } from './bundle/package-vscode.ts';

console.log(await packageVscode());
