/** `coppice tasks export|import`: a run as one file. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { bytesText } from '@coppice/client';
import { exportRun, RUN_FILE_SUFFIX } from '@coppice/protocol';
import type { RunFileHash } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import { COPPICE } from '../output/command-name.ts';
import { UsageError } from '../output/report-error.ts';
import { statusText, symbolOf } from '../output/theme.ts';

/** What a request may hold of a file. In Base64 it is a third more, and servers take 16 MiB. */
const IMPORT_BYTES_MAX = 12 * 1024 * 1024;

export interface ExportOptions {
  readonly output?: string;
  readonly overwrite?: boolean;
}

export async function exportTo(context: CommandContext, reference: string, options: ExportOptions): Promise<void> {
  const { output, open } = context;
  const { client, tree: find } = await open('read');
  const treeId = await find(reference);
  const hash = createHash('sha256');
  const own: RunFileHash = { update: (text) => void hash.update(text), digest: () => hash.digest('hex') };
  const texts = Readable.from(exportRun(client, treeId, own));
  if (options.output === '-') {
    await pipeline(texts, createGzip(), process.stdout, { end: false });
    return;
  }
  const { name } = await client.tasks.get({ taskId: treeId });
  const file = options.output ?? `${fileName(name)}${RUN_FILE_SUFFIX}`;
  if (options.overwrite !== true && (await sizeOf(file)) !== undefined)
    throw new UsageError(
      `${file} is there already. Name another file with --output, or let --overwrite take its place.`,
    );
  const unfinished = `${file}.part`;
  try {
    await pipeline(texts, createGzip(), createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  const bytes = (await sizeOf(file)) ?? 0;
  if (output.isJson) output.json({ treeId, file, bytes });
  else output.line(`${symbolOf('completed')} The run ${treeId} is in ${file} (${bytesText(bytes)}).`);
}

export async function importFrom({ output, open }: CommandContext, file: string): Promise<void> {
  const bytes = await sizeOf(file);
  if (bytes === undefined)
    throw new UsageError(`There is no file ${file}. Make one with: ${COPPICE} tasks export TREE`);
  if (bytes > IMPORT_BYTES_MAX)
    throw new UsageError(
      `${file} has ${bytesText(bytes)}, and a request takes ${bytesText(IMPORT_BYTES_MAX)}. Copy it into the folder "archive" of the data directory, named by the id of its tree, and: ${COPPICE} archives restore ID`,
    );
  const data = (await readFile(file)).toString('base64');
  const { client } = await open('write');
  const answer = await client.tasks.import({ data });
  if (output.isJson) output.json(answer);
  else {
    const what = answer.isNew ? 'is in the store now' : 'was in the store already';
    output.line(`${symbolOf(answer.status)} The run ${answer.treeId} (${statusText(answer.status)}) ${what}.`);
  }
}

function fileName(name: string): string {
  return (
    oneLine(name)
      .replaceAll(/[^\p{L}\p{N} _.-]/gu, '-')
      .replace(/^\.+/, '') || 'run'
  );
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}
