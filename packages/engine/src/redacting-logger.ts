/** A logger that hides secrets, whoever writes the line: messages of foreign libraries may quote what they were given. */
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

/** What JSON can not carry is told as text. */
function shownValue(value: unknown, redact: Redact): Json | undefined {
  if (value === undefined) return undefined;
  try {
    return copyJson(value instanceof Error ? parts(value) : value, redact);
  } catch {
    return redact(inspect(value));
  }
}

/** As a log shows an error; the stack has the message, and whose cause it was. */
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
