/**
 * The file of one run: lines of JSON, compressed with gzip when it is stored. The first line says whose run it is, then comes each event as
 * the wire shows it, then each line that tasks wrote, and the last line says what must have come before. A file that was cut off has none.
 */
import type { EventOf, RunEvent } from './wire/event.ts';
import type { LogLine } from './wire/observation.ts';
import type { RunStatus } from './wire/status.ts';
import type { Params, Result } from './method-table.ts';

const FORMAT = 'coppice-run';
const VERSION = 2;

/** What the name of such a file ends with. */
export const RUN_FILE_SUFFIX = '.coppice-run.gz';

/** What is known of the run in a file without reading all of it. */
export interface RunFileHead {
  readonly treeId: string;
  readonly name: string;
  readonly userId: string;
  readonly status: RunStatus;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly savedAt: string;
}

export interface RunFileEnd {
  readonly events: number;
  readonly logLines: number;
  /** SHA-256 in hex of all lines before, each with its line feed. */
  readonly hash: string;
  /** Hash of the run after its last event, and the version of Coppice that made it: others may know more of a run, or less. */
  readonly state?: { readonly hash: string; readonly by: string };
}

/** Says what is wrong with each kind of line; undefined: nothing. */
export interface RunFileChecks {
  head(value: unknown): string | undefined;
  event(value: unknown): string | undefined;
  log(value: unknown): string | undefined;
  end(value: unknown): string | undefined;
}

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
  readonly state?: NonNullable<RunFileEnd['state']>;
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
  const end: RunFileEnd = {
    events: eventCount,
    logLines,
    hash: await hash.digest(),
    ...(state === undefined ? {} : { state }),
  };
  yield `${JSON.stringify({ end })}\n`;
}

/** Reads the lines of a file one by one, in order. Each method throws a RunFileError for what is no such file. */
export class RunFileReader {
  readonly #hash: RunFileHash;
  readonly #checks: RunFileChecks | undefined;
  #lines = 0;
  #events = 0;
  #logLines = 0;
  #end: RunFileEnd | undefined;

  /** Without checks the lines are believed: good enough to look at a file. */
  constructor(hash: RunFileHash, checks?: RunFileChecks) {
    this.#hash = hash;
    this.#checks = checks;
  }

  read(line: string): RunFilePart {
    this.#lines += 1;
    if (this.#end !== undefined) throw this.#broken('more comes after its end');
    const value = this.#parsed(line);
    if (this.#lines === 1) return { head: this.#headOf(value) };
    if ('end' in value) return { end: (this.#end = this.#checked('end', value.end) as RunFileEnd) };
    this.#hash.update(`${line}\n`);
    if ('log' in value) {
      this.#logLines += 1;
      return { log: this.#checked('log', value.log) as LogLine };
    }
    this.#events += 1;
    return { event: this.#checked('event', value) as RunEvent };
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
    if (isWhole && (await this.#hash.digest()) === end.hash) return end;
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
    if (this.#lines === 1) this.#hash.update(`${line}\n`);
    return value;
  }

  #headOf(value: object): RunFileHead {
    const { format, version, ...head } = value as { readonly format?: unknown; readonly version?: unknown };
    if (format !== FORMAT) throw noRunFile();
    if (version === VERSION) return this.#checked('head', head) as RunFileHead;
    throw new RunFileError(
      `The run was saved in version ${String(version)} of the format, and this is version ${VERSION}. Use the version of Coppice that saved it.`,
    );
  }

  #checked(kind: keyof RunFileChecks, value: unknown): unknown {
    const fault = this.#checks?.[kind](value);
    if (fault === undefined) return value;
    throw this.#broken(fault);
  }

  #broken(why: string): RunFileError {
    return new RunFileError(`Line ${this.#lines} of the file: ${why}.`);
  }
}

function noRunFile(): RunFileError {
  return new RunFileError('The file holds no Coppice run.');
}

/** Whoever answers the requests that a run is read with: a client, for example. */
export interface RunFileServer {
  readonly tasks: {
    events(params: Params<'tasks.events'>): Promise<Result<'tasks.events'>>;
    get(params: Params<'tasks.get'>): Promise<Result<'tasks.get'>>;
    logs(params: Params<'tasks.logs'>): Promise<Result<'tasks.logs'>>;
  };
}

/** Events or lines of one request. */
const PAGE = 1_000;

/** The texts of the file of a run as it is now; whoever writes them packs them with gzip. */
export async function* exportRun({ tasks }: RunFileServer, treeId: string, hash: RunFileHash): AsyncGenerator<string> {
  const { items, lastSeq } = await tasks.events({ treeId, limit: 1 });
  const root = await tasks.get({ taskId: treeId });
  const created = items[0] as EventOf<'TreeCreated'>;
  const head: RunFileHead = {
    treeId,
    name: root.name,
    userId: created.data.userId,
    status: root.tree?.status ?? 'created',
    createdAt: created.at,
    endedAt: root.tree?.endedAt ?? null,
    savedAt: new Date().toISOString(),
  };
  const events = eventPages(async (range) => (await tasks.events({ treeId, ...range })).items, lastSeq);
  const logs = logPages((range) => tasks.logs({ taskId: treeId, waitMs: 0, ...range }));
  yield* runFileTexts({ head, events, logs }, hash);
}

/** All events up to the last one. Throws a RunFileError when some are missing. */
export async function* eventPages(
  read: (range: { readonly afterSeq: number; readonly limit: number }) => Promise<readonly RunEvent[]>,
  lastSeq: number,
): AsyncGenerator<readonly RunEvent[]> {
  for (let afterSeq = 0; afterSeq < lastSeq;) {
    const page = await read({ afterSeq, limit: Math.min(PAGE, lastSeq - afterSeq) });
    const last = page.at(-1);
    if (last === undefined) throw new RunFileError(`Events ${afterSeq + 1} to ${lastSeq} of the run can not be read.`);
    yield page;
    afterSeq = last.seq;
  }
}

/** All lines that tasks have written so far. */
export async function* logPages(
  read: (range: {
    readonly after: number;
    readonly limit: number;
  }) => Promise<Pick<Result<'tasks.logs'>, 'items' | 'next'>>,
): AsyncGenerator<readonly LogLine[]> {
  for (let after = 0; ;) {
    const { items, next } = await read({ after, limit: PAGE });
    if (items.length === 0) return;
    yield items;
    after = next;
  }
}
