/** Structured logs: one JSON object per line. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '@coppice/engine';
import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** A file; default standard error. Standard output belongs to the stdio transport. */
  readonly file?: string;
  /** Called with each warning and error, as a line for people. */
  readonly people?: (line: string) => void;
}

const STANDARD_ERROR = 2;
/** A log names tasks and shows what programs print: that is nobody else's business. */
const ONLY_OWNER = 0o600;
const OWNERS_FOLDER = 0o700;

/** Writes synchronously, so that nothing is lost when the process ends. Credentials are left out. */
export function createLogger({ level, file, people }: LoggerOptions): Logger {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true, mode: OWNERS_FOLDER });
  const log = pino.destination({ dest: file ?? STANDARD_ERROR, sync: true, mode: ONLY_OWNER });
  return pino(
    {
      level,
      base: null,
      redact: { paths: ['token', '*.token', 'authorization', '*.authorization'], censor: '[redacted]' },
    },
    people === undefined
      ? log
      : pino.multistream([
          { stream: log, level: level === 'silent' ? 'fatal' : level },
          { stream: { write: (line: string) => people(inWords(line)) }, level: 'warn' },
        ]),
  );
}

/** The message of a log line, and the reason if it has one. */
function inWords(line: string): string {
  const { msg, error, err } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const reason = typeof error === 'string' ? error : (err as { readonly message?: unknown } | undefined)?.message;
  const message = String(msg);
  return typeof reason !== 'string' || message.includes(reason) ? message : `${message}: ${reason}`;
}
