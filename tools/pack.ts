/** `npm run pack -- FOLDER`: archives of all that is published, to install the command and the libraries outside of this clone. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { packPackages } from './pack/pack-packages.ts';

const folder = resolve(process.env['INIT_CWD'] ?? '.', process.argv[2] ?? 'packed');
await mkdir(folder, { recursive: true });
const archives = await packPackages(folder);
const command = archives.find(({ name }) => name === 'coppice')?.path;
process.stdout.write(`${archives.length} packages in ${folder}. In the folder of a project: npm install ${command}\n`);
