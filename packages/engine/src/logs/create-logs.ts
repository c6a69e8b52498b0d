/** What writes the lines of tasks, and what wakes those who read them. */
import { LogWatch } from './log-watch.ts';
import { LOG_LIMITS, LogWriter, type LogLimits, type LogWriterOptions } from './log-writer.ts';

export interface Logs {
  readonly logs: LogWriter;
  readonly logWatch: LogWatch;
}

export function createLogs({
  limits,
  ...options
}: Omit<LogWriterOptions, 'limits' | 'onWritten'> & { readonly limits: Partial<LogLimits> | undefined }): Logs {
  const logWatch = new LogWatch(options.clock);
  const logs = new LogWriter({
    ...options,
    limits: { ...LOG_LIMITS, ...limits },
    onWritten: (treeId, taskIds) => logWatch.written(treeId, taskIds),
  });
  return { logs, logWatch };
}
