/** `npm run pack -- FOLDER`: archives of the command and all that it needs, to install them outside of this clone. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { packPackages } from './pack/pack-packages.ts';

const folder = resolve(process.env['INIT_CWD'] ?? '.', process.argv[2] ?? 'packed');
await mkdir(folder, { recursive: true });
const files = await packPackages(folder);
process.stdout.write(
  `${files.length} packages in ${folder}. In the folder of a project: npm install --ignore-scripts ${folder}/*.tgz\n`,
);
