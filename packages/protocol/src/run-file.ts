/**
 * The file of one run: lines of JSON, compressed with gzip when it is stored. The first line says whose run it is, then comes each event as
 * the wire shows it, then each line that tasks wrote, and the last line says what must have come before. A file that was cut off has none.
 */
import * as z from 'zod';
import { strict } from './schema/strict.ts';
import { runEvent, type RunEvent } from './wire/event.ts';
import { logLine, type LogLine } from './wire/observation.ts';
import { count, time, timeOrNull, treeId, userId } from './wire/scalar.ts';
import { runStatus } from './wire/status.ts';

const FORMAT = 'coppice-run';
const VERSION = 2;

/** What the name of such a file ends with. */
export const RUN_FILE_SUFFIX = '.coppice-run.gz';

const about = {
  treeId,
  name: z.string(),
  userId,
  status: runStatus,
  createdAt: time,
  endedAt: timeOrNull,
  savedAt: time,
};

const headLine = z.object({ format: z.literal(FORMAT), version: z.literal(VERSION), ...about });
const endLine = strict({
  events: count,
  logLines: count,
  /** SHA-256 in hex of all lines before, each with its line feed. */
  hash: z.string(),
  /** Hash of the run after its last event, and the version of Coppice that made it: others may know more of a run, or less. */
  state: strict({ hash: z.string(), by: z.string() }).exactOptional(),
});

/** What is known of the run in a file without reading all of it. */
export type RunFileHead = Omit<z.output<typeof headLine>, 'format' | 'version'>;
export type RunFileEnd = z.output<typeof endLine>;

export type RunFilePart =
  | { readonly head: RunFileHead }
  | { readonly event: RunEvent }
  | { readonly log: LogLine }
  | { readonly end: RunFileEnd };

/** What a file can not be read for. The message is for people. */
export class RunFileError extends Error {
  override readonly name = 'RunFileError';
}

/** Makes a SHA-256 of all texts that it was given. */
export interface RunFileHash {
  update(text: string): void;
  /** In hex. */
  digest(): string | Promise<string>;
}

export interface RunFileSource {
  readonly head: RunFileHead;
  readonly events: AsyncIterable<readonly RunEvent[]>;
  readonly logs: AsyncIterable<readonly LogLine[]>;
  /** Asked for when all events have been written. */
  readonly state?: () => Promise<RunFileEnd['state']>;
}

/** The lines of a file, several in each text. */
export async function* runFileTexts(
  { head, events, logs, state }: RunFileSource,
  hash: RunFileHash,
): AsyncGenerator<string> {
  const hashed = (values: readonly unknown[]): string => {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
    hash.update(text);
    return text;
  };
  yield hashed([{ format: FORMAT, version: VERSION, ...head }]);
  let eventCount = 0;
  for await (const page of events) {
    eventCount += page.length;
    yield hashed(page);
  }
  let logLines = 0;
  for await (const page of logs) {
    logLines += page.length;
    yield hashed(page.map((log) => ({ log })));
  }
  const known = await state?.();
  const end: RunFileEnd = {
    events: eventCount,
    logLines,
    hash: await hash.digest(),
    ...(known === undefined ? {} : { state: known }),
  };
  yield `${JSON.stringify({ end })}\n`;
}

/** Reads the lines of a file one by one, in order. Each method throws a RunFileError for what is no such file. */
export class RunFileReader {
  readonly #hash: RunFileHash | undefined;
  #lines = 0;
  #events = 0;
  #logLines = 0;
  #end: RunFileEnd | undefined;

  /** Without a hash that of the file is not compared. */
  constructor(hash?: RunFileHash) {
    this.#hash = hash;
  }

  read(line: string): RunFilePart {
    this.#lines += 1;
    if (this.#end !== undefined) throw this.#broken('more comes after its end');
    const value = this.#parsed(line);
    if (this.#lines === 1) return { head: headOf(value) };
    if (Object.hasOwn(value, 'end'))
      return { end: (this.#end = this.#checked(endLine, (value as { end: unknown }).end)) };
    this.#hash?.update(`${line}\n`);
    if (Object.hasOwn(value, 'log')) {
      this.#logLines += 1;
      return { log: this.#checked(logLine, (value as { log: unknown }).log) };
    }
    this.#events += 1;
    return { event: this.#checked(runEvent, value) };
  }

  /** Call this after the last line: says what is missing. */
  async finish(): Promise<RunFileEnd> {
    const end = this.#end;
    if (end === undefined)
      throw new RunFileError(
        this.#lines === 0
          ? 'The file is empty.'
          : 'The end of the file is missing: it was not written whole. Save the run again.',
      );
    const isWhole = end.events === this.#events && end.logLines === this.#logLines;
    const hash = await this.#hash?.digest();
    if (isWhole && (hash === undefined || hash === end.hash)) return end;
    throw new RunFileError(
      isWhole
        ? 'The file is not what was saved: its hash is another one. Take another copy of it.'
        : `Lines are missing: ${this.#events} of ${end.events} events, ${this.#logLines} of ${end.logLines} lines of tasks. Take another copy of it.`,
    );
  }

  #parsed(line: string): object {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw this.#lines === 1 ? noRunFile() : this.#broken('is no JSON');
    }
    if (typeof value !== 'object' || value === null)
      throw this.#lines === 1 ? noRunFile() : this.#broken('is no object');
    if (this.#lines === 1) this.#hash?.update(`${line}\n`);
    return value;
  }

  /** A field that this version does not know stays: an older version may have written it. */
  #checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
    const fault = schema.safeParse(value).error?.issues.find(({ code }) => code !== 'unrecognized_keys');
    if (fault === undefined) return value as z.output<Schema>;
    throw this.#broken(`${fault.path.join('.') || 'the line'}: ${fault.message}`);
  }

  #broken(why: string): RunFileError {
    return new RunFileError(`Line ${this.#lines} of the file: ${why}.`);
  }
}

/** What the first line says. */
export function headOf(value: object): RunFileHead {
  const { format, version } = value as { readonly format?: unknown; readonly version?: unknown };
  if (format !== FORMAT) throw noRunFile();
  if (version !== VERSION)
    throw new RunFileError(
      `The run was saved in version ${String(version)} of the format, and this is version ${VERSION}. Use the version of Coppice that saved it.`,
    );
  const parsed = headLine.safeParse(value);
  if (parsed.error === undefined) {
    const { format: _, version: __, ...head } = parsed.data;
    return head;
  }
  const [fault] = parsed.error.issues;
  throw new RunFileError(`Line 1 of the file: ${fault?.path.join('.')}: ${fault?.message}.`);
}

function noRunFile(): RunFileError {
  return new RunFileError('The file holds no Coppice run.');
}
