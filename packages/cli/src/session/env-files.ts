/** `--env-file FILE`: environment variables for what this process executes. */
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { UsageError } from '../output/report-error.ts';

/**
 * Sets the variables of the files, a later file over an earlier one; what the environment has already stays. Answers all names in
 * them: who names a file on the command line allows tasks to ask for what is in it.
 */
export async function loadEnvFiles(files: readonly string[]): Promise<readonly string[]> {
  const found: Record<string, string | undefined> = {};
  for (const file of files) Object.assign(found, parseEnv(await readEnvFile(file)));
  for (const [name, value] of Object.entries(found)) process.env[name] ??= value;
  return Object.keys(found);
}

async function readEnvFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new UsageError(`--env-file ${file}: ${reason}.`);
  }
}
