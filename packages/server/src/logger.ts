/** Structured logs: one JSON object per line. */
import type { Logger } from '@coppice/engine';
import { pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** A file; default standard error. Standard output belongs to the stdio transport. */
  readonly file?: string;
}

const STANDARD_ERROR = 2;

/** Writes synchronously, so that nothing is lost when the process ends. Credentials are left out. */
export function createLogger({ level, file }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: null,
      redact: { paths: ['token', '*.token', 'authorization', '*.authorization'], censor: '[redacted]' },
    },
    pino.destination({ dest: file ?? STANDARD_ERROR, mkdir: true, sync: true }),
  );
}
