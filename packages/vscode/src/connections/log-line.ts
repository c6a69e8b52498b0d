/** Events as lines of a log channel: what happens, and what tasks say. */
import { actorText } from '@coppice/client';
import type { RunEvent } from '@coppice/protocol';
import { oneLine } from '@coppice/ui';
import type { LogOutputChannel } from 'vscode';

export function logLine(log: LogOutputChannel, event: RunEvent): void {
  const who = 'taskId' in event ? event.taskId : event.treeId;
  const by = event.actor === undefined ? '' : ` by ${oneLine(actorText(event.actor))}`;
  switch (event.type) {
    case 'TaskProgressed':
      if (event.data.message !== undefined) log.info(`${who}: ${oneLine(event.data.message)}`);
      return;
    case 'TaskFailed':
    case 'RunFailed':
      log.error(`${who}: ${event.type}: ${oneLine(event.data.error.message)}`);
      return;
    case 'RetryScheduled':
      log.warn(`${who}: attempt failed, next in ${event.data.delayMs} ms: ${oneLine(event.data.error.message)}`);
      return;
    case 'TaskPausing':
      log.info(`${who}: pausing${event.data.reason === undefined ? '' : `: ${oneLine(event.data.reason)}`}`);
      return;
    case 'TreeCreated':
    case 'RunStarted':
    case 'RunReopened':
    case 'RunCompleted':
    case 'RunCancelled':
    case 'TaskPaused':
    case 'TaskResumed':
    case 'WaitStarted':
    case 'WaitReminded':
    case 'SignalReceived':
      log.info(`${who}: ${event.type}${by}`);
      return;
    case 'SignalRejected':
      log.warn(`${who}: the signal ${event.data.name} was rejected: ${oneLine(event.data.reason)}`);
      return;
    case 'TaskOpened':
    case 'TaskDelayed':
    case 'TaskDue':
    case 'TaskStarted':
    case 'CallRecorded':
    case 'AttemptInterrupted':
    case 'TaskCompleted':
    case 'TaskSkipped':
    case 'TaskCancelled':
    case 'TaskUpdated':
    case 'TasksDeleted':
      log.debug(`${who}: ${event.type}${by}`);
      return;
  }
  event satisfies never;
}
