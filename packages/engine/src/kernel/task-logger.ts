/** The logger that an executor gets: each line says which attempt wrote it. The engine's logger hides secrets. */
import { taskErrorFromThrown, type Json, type JsonObject, type TaskLogger } from '@coppice/core';
import { errorText } from '../error-text.ts';
import { copyJson } from '../json-copy.ts';
import type { Logger } from '../logger.ts';
import type { RunningAttempt } from './attempt.ts';

export function createTaskLogger(attempt: RunningAttempt, logger: Logger): TaskLogger {
  const write = (level: keyof TaskLogger) => (message: string, fields?: JsonObject) => {
    const text = String(message).toWellFormed();
    const shown = loggable(fields);
    if (!attempt.hasEnded) attempt.log.add(lineOf(level, text, shown));
    if (logger.isLevelEnabled?.(level) === false) return;
    const { treeId, taskId, taskName: task, attempt: number } = attempt;
    logger[level]({ ...shown, treeId, taskId, task, attempt: number }, text);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function lineOf(level: keyof TaskLogger, text: string, fields: JsonObject): string {
  const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
  return `${level}: ${text}${rest}`;
}

/** The fields of a log line, without values that JSON can not carry. A line that can not be written must not fail the attempt. */
function loggable(fields: unknown): JsonObject {
  const shown: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields ?? {})) {
    const name = key.toWellFormed();
    try {
      shown[name] = copyJson(value instanceof Error ? taskErrorFromThrown(value) : value);
    } catch (problem) {
      shown[name] = `not logged: ${errorText(problem)}`;
    }
  }
  return shown;
}
