/** Structured logging, level by level. The server gives a pino logger; the default writes nothing. */
import type { TaskLogger } from '@coppice/core';

export interface Logger {
  /** False: lines of this level are not written, so callers need not make them. Absent: all lines are written. */
  isLevelEnabled?(level: keyof TaskLogger): boolean;
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const nothing = (): void => {};

/** Discards everything. */
export const silentLogger: Logger = {
  isLevelEnabled: () => false,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
