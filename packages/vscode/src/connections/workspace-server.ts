/** The server of a workspace folder: found if it runs, started if not. Node only. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { webSocketTransport } from '@coppice/client';
import type { Transport } from '@coppice/client';
import { socketTransport, stdioTransport } from '@coppice/client/stdio';
import * as vscode from 'vscode';

const DATA_DIR = '.coppice';
/** The command's own file, where npm puts it. */
const INSTALLED = 'node_modules/coppice/bin/coppice.mjs';

export async function connectToWorkspace(folder: vscode.Uri): Promise<Transport> {
  const running = await findRunning(folder.fsPath);
  if (running !== undefined) return running;
  const settings = vscode.workspace.getConfiguration('coppice.server', folder);
  const args = settings.get<readonly string[]>('args') ?? ['serve', '--stdio'];
  const command = settings.get<string>('command') ?? '';
  if (command !== '') return stdioTransport({ command, args, cwd: folder.fsPath });
  const installed = join(folder.fsPath, INSTALLED);
  if (!existsSync(installed)) return stdioTransport({ command: 'coppice', args, cwd: folder.fsPath });
  return stdioTransport({
    command: process.execPath,
    args: [installed, ...args],
    cwd: folder.fsPath,
    // On the desktop the editor's own program is the only Node that is surely there.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
}

/** `coppice serve` leaves its address in the data directory, beside the owner's token; a command that executes a run leaves its socket. */
async function findRunning(folder: string): Promise<Transport | undefined> {
  try {
    const record = await readFile(join(folder, DATA_DIR, 'server.json'), 'utf8');
    const { url, socket, pid } = JSON.parse(record) as Readonly<Record<string, unknown>>;
    process.kill(Number(pid), 0);
    if (typeof socket === 'string') return socketTransport({ path: socket });
    const token = await readFile(join(folder, DATA_DIR, 'token'), 'utf8');
    return typeof url === 'string' ? webSocketTransport({ url, token: token.trim() }) : undefined;
  } catch {
    return undefined;
  }
}
