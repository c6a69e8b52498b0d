/** A logger that hides secrets in all lines, because messages of other libraries may quote the values that they were given. */
import { inspect } from 'node:util';
import type { Json, TaskLogger } from '@coppice/core';
import { copyJson } from './json-copy.ts';
import type { Logger } from './logger.ts';
import { createSecrets } from './secrets.ts';

/** `secrets`: values by name. Throws a RangeError for a value that is too short to be hidden. */
export function redactingLogger(logger: Logger, secrets: Readonly<Record<string, string>>): Logger {
  const { redact } = createSecrets(secrets);
  if (redact === undefined) return logger;
  const isLevelEnabled = (level: keyof TaskLogger): boolean => logger.isLevelEnabled?.(level) !== false;
  const write = (level: keyof TaskLogger) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    if (!isLevelEnabled(level)) return;
    const shown = Object.entries(fields).map(([name, value]) => [redact(name), shownValue(value, redact)]);
    logger[level](Object.fromEntries(shown) as Readonly<Record<string, unknown>>, redact(message));
  };
  return { isLevelEnabled, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

type Redact = (text: string) => string;

/** Turns a value that JSON can not carry into text. */
function shownValue(value: unknown, redact: Redact): Json | undefined {
  if (value === undefined) return undefined;
  try {
    return copyJson(value instanceof Error ? parts(value) : value, redact);
  } catch {
    return redact(inspect(value));
  }
}

/** The parts of an error that a log shows. The stack holds the message and the causes. */
function parts(error: Error): object {
  const { name, message, stack, cause } = error;
  const code: unknown = (error as { readonly code?: unknown }).code;
  return {
    type: name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: stack ?? message,
    ...(cause === undefined ? {} : { cause: cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause) }),
  };
}
