/** Folds what events say of waits and signals into the state. */
import { setStatus } from './counts.ts';
import type { EventOf } from './event.ts';
import { boxOf, newInbox, putSignal, stopWaiting, takeSignal, type Inbox } from './inbox.ts';
import type { RunState, TaskState, WaitingAsBody } from './state.ts';

export function evolveWait(run: RunState, task: TaskState, event: EventOf<'WaitStarted' | 'WaitReminded'>): void {
  if (event.type === 'WaitReminded') {
    const waiting = task.waiting as WaitingAsBody;
    task.waiting = { ...waiting, remindAtMs: event.data.remindAtMs, reminders: waiting.reminders + 1 };
    return;
  }
  const { input, secrets, signal, dueAtMs, remindAtMs } = event.data;
  task.input = input;
  task.inputSecrets = secrets;
  task.startedAtMs = event.atMs;
  const isSpan = input['forMs'] !== undefined || input['timeoutMs'] !== undefined;
  const body = {
    for: 'wait',
    sinceMs: event.atMs,
    untilMs: dueAtMs,
    isSpan,
    signal,
    remindAtMs,
    reminders: 0,
  } as const;
  task.waiting = body;
  setStatus(run, task, 'waiting');
  if (signal !== undefined) boxOf((run.inbox ??= newInbox()), signal).tasks.add(task.id);
}

export function evolveSignal(run: RunState, event: EventOf<'SignalReceived' | 'SignalRejected'>): void {
  if (event.type === 'SignalReceived') putSignal((run.inbox ??= newInbox()), event);
  else takeSignal(run.inbox as Inbox, event.data.name, event.data.signal);
}

/** Takes the signal that ends the wait of the task out of the inbox. */
export function consumeSignal({ inbox }: RunState, { waiting }: TaskState, seq: number): void {
  if (inbox !== undefined && waiting?.for === 'wait' && waiting.signal !== undefined)
    takeSignal(inbox, waiting.signal, seq);
}

/** Notes that the task waits for nothing any more. */
export function endWaiting({ inbox }: RunState, task: TaskState): void {
  const { waiting } = task;
  if (waiting === undefined) return;
  task.waiting = undefined;
  if (inbox !== undefined && waiting.for === 'wait' && waiting.signal !== undefined)
    stopWaiting(inbox, waiting.signal, task.id);
}
