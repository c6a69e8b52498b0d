/** The data directory: that it is there, that only its owner can read it, that it can be written, and that the disk has room. */
import { access, chmod, constants, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesText, type Finding } from './finding.ts';

/** Less free space than this is a problem, bytes. */
const FREE_BYTES_MIN = 104_857_600;
const OTHERS = 0o077;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export async function* checkFolder(dataDir: string, repairs: boolean): AsyncGenerator<Finding> {
  yield* await writable(dataDir);
  yield await freeSpace(dataDir);
  if (process.platform !== 'win32') yield* permissions(dataDir, repairs);
}

async function writable(dataDir: string): Promise<readonly Finding[]> {
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return [{ area: 'folder', severity: 'ok', text: `${dataDir} can be read and written` }];
  } catch (error) {
    const text = `${dataDir} can not be written by this user: ${String(error)}`;
    return [{ area: 'folder', severity: 'problem', text, advice: 'Change its owner or its permissions' }];
  }
}

async function freeSpace(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const bytes = bavail * bsize;
  const text = `${bytesText(bytes)} are free on its disk`;
  return bytes >= FREE_BYTES_MIN
    ? { area: 'folder', severity: 'ok', text }
    : { area: 'folder', severity: 'problem', text, advice: 'Free some space: a full disk stops all runs' };
}

async function* permissions(dataDir: string, repairs: boolean): AsyncGenerator<Finding> {
  const entries = await readdir(dataDir, { withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ name }) => join(dataDir, name));
  let isOpen = false;
  for (const path of [dataDir, ...paths]) {
    const { mode } = await stat(path);
    if ((mode & OTHERS) === 0) continue;
    isOpen = true;
    const right = path === dataDir ? FOLDER_MODE : FILE_MODE;
    const text = `Others than its owner may read or change ${path} (mode ${(mode & 0o777).toString(8)})`;
    if (repairs) {
      await chmod(path, right);
      yield { area: 'folder', severity: 'problem', text, isRepaired: true };
    } else yield { area: 'folder', severity: 'problem', text, advice: `chmod ${right.toString(8)} ${path}` };
  }
  if (!isOpen) yield { area: 'folder', severity: 'ok', text: 'Only its owner can read what is in it' };
}
