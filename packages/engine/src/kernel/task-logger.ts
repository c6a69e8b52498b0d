/** The logger that an executor gets: each line says which attempt wrote it, and shows no secret. */
import { taskErrorFromThrown, type Json, type JsonObject, type TaskLogger } from '@coppice/core';
import { errorText } from '../error-text.ts';
import { copyJson } from '../json-copy.ts';
import type { Logger } from '../logger.ts';
import type { Secrets } from '../secrets.ts';
import type { RunningAttempt } from './attempt.ts';

interface TaskLoggerParts {
  readonly logger: Logger;
  readonly secrets: Pick<Secrets, 'redact'>;
}

export function createTaskLogger(attempt: RunningAttempt, { logger, secrets }: TaskLoggerParts): TaskLogger {
  const write = (level: keyof TaskLogger) => (message: string, fields?: JsonObject) => {
    if (logger.isLevelEnabled?.(level) === false) return;
    const { treeId, taskId, taskName: task, attempt: number } = attempt;
    const shown = loggable(fields, secrets.redact);
    logger[level](
      { ...shown, treeId, taskId, task, attempt: number },
      copyJson(String(message).toWellFormed(), secrets.redact) as string,
    );
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** The fields of a log line, each as far as JSON can carry it: a line that can not be written must not fail the attempt. */
function loggable(fields: unknown, redact: Secrets['redact']): JsonObject {
  const shown: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields ?? {})) {
    const name = copyJson(key.toWellFormed(), redact) as string;
    try {
      shown[name] = copyJson(value instanceof Error ? taskErrorFromThrown(value) : value, redact);
    } catch (problem) {
      shown[name] = `not logged: ${errorText(problem)}`;
    }
  }
  return shown;
}
