/** Reads the text of a definition file or of standard input, up to a limit. */
import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../output/report-error.ts';
import { decodeText } from './decode-text.ts';
import { COPPICE } from '../output/command-name.ts';

/** Larger files are refused. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a file, or standard input for `-`. Throws a UsageError if it can not be read. */
export async function readDefinitionText(file: string): Promise<string> {
  if (file === '-') return readStandardInput();
  return readFileText(file, `There is no file ${file}. Make a first one with: ${COPPICE} init`);
}

/** Reads a file; `missing` is said when there is none. Throws a UsageError if it can not be read. */
export async function readFileText(file: string, missing: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new UsageError(tooLarge(file, size));
    return decodeText(await readFile(file), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(missing);
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder. Name a definition file in it.`);
    throw error;
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES) throw new UsageError(tooLarge('Standard input', size));
  }
  return decodeText(Buffer.concat(chunks), 'Standard input');
}

function tooLarge(what: string, size: number): string {
  return `${what} is too large for a definition: ${size} bytes, at most ${MAX_BYTES}. Create large trees with tasks.create.`;
}
