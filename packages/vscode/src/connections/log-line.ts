/** Events as lines of a log channel: what happens, and what tasks say. */
import type { RunEvent } from '@coppice/protocol';
import { oneLine } from '@coppice/ui';
import type { LogOutputChannel } from 'vscode';

export function logLine(log: LogOutputChannel, event: RunEvent): void {
  const who = 'taskId' in event ? event.taskId : event.treeId;
  switch (event.type) {
    case 'TaskProgressed':
      if (event.data.message !== undefined) log.info(`${who}: ${oneLine(event.data.message)}`);
      break;
    case 'TaskFailed':
    case 'RunFailed':
      log.error(`${who}: ${event.type}: ${oneLine(event.data.error.message)}`);
      break;
    case 'RetryScheduled':
      log.warn(`${who}: attempt failed, next in ${event.data.delayMs} ms: ${oneLine(event.data.error.message)}`);
      break;
    case 'TreeCreated':
    case 'RunStarted':
    case 'RunReopened':
    case 'RunCompleted':
    case 'RunCancelled':
      log.info(`${who}: ${event.type}`);
      break;
    default:
      log.debug(`${who}: ${event.type}`);
  }
}
