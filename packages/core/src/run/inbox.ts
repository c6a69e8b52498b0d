/**
 * The signals of a run that nobody has consumed, and the tasks that wait for one.
 *
 * 1. Per name, first in first out on both sides; of a name either signals wait or tasks, never both.
 * 2. A signal for one task only is consumed by the decision that receives it.
 */
import type { Json, TaskId } from '@coppice/extension';
import type { EventOf } from './event.ts';

/** A signal by the number of its event. */
export interface Signal {
  readonly seq: number;
  readonly name: string;
  readonly payload: Json;
}

/** What is open under one name. */
export interface Mailbox {
  /** Oldest first. */
  readonly signals: Signal[];
  /** Tasks that wait, in the order in which they began to. */
  readonly tasks: Set<TaskId>;
}

export interface Inbox {
  /** Names under which anything is open. */
  readonly boxes: Map<string, Mailbox>;
  /** Ids that senders gave. */
  readonly ids: Set<string>;
  /** All signals that ever came. */
  received: number;
}

export function newInbox(): Inbox {
  return { boxes: new Map(), ids: new Set(), received: 0 };
}

export function boxOf({ boxes }: Inbox, name: string): Mailbox {
  let box = boxes.get(name);
  if (box === undefined) boxes.set(name, (box = { signals: [], tasks: new Set() }));
  return box;
}

export function putSignal(inbox: Inbox, { seq, data }: EventOf<'SignalReceived'>): void {
  const { name, payload, id, commands } = data;
  inbox.received++;
  if (id !== undefined) inbox.ids.add(id);
  // It has become commands: nobody else gets it.
  if (commands !== undefined) return;
  boxOf(inbox, name).signals.push({ seq, name, payload });
}

/** Nobody gets the signal any more: it was consumed, or rejected. */
export function takeSignal(inbox: Inbox, name: string, seq: number): void {
  const box = inbox.boxes.get(name);
  const at = box?.signals.findIndex((signal) => signal.seq === seq) ?? -1;
  if (box === undefined || at < 0) return;
  box.signals.splice(at, 1);
  dropEmpty(inbox, name, box);
}

/** The task waits no longer. */
export function stopWaiting(inbox: Inbox, name: string, taskId: TaskId): void {
  const box = inbox.boxes.get(name);
  if (box?.tasks.delete(taskId) === true) dropEmpty(inbox, name, box);
}

function dropEmpty({ boxes }: Inbox, name: string, { signals, tasks }: Mailbox): void {
  if (signals.length === 0 && tasks.size === 0) boxes.delete(name);
}

/** Signals that nobody has consumed, oldest first. */
export function unreadSignals(inbox: Inbox | undefined): readonly Signal[] {
  const all = [...(inbox?.boxes.values() ?? [])].flatMap(({ signals }) => signals);
  return all.toSorted((a, b) => a.seq - b.seq);
}

/** An inbox as plain JSON. */
export interface InboxSnapshot {
  readonly boxes: readonly {
    readonly name: string;
    readonly signals: readonly Signal[];
    readonly tasks: readonly TaskId[];
  }[];
  readonly ids: readonly string[];
  readonly received: number;
}

export function inboxSnapshot({ boxes, ids, received }: Inbox): InboxSnapshot {
  return {
    boxes: Array.from(boxes, ([name, { signals, tasks }]) => ({ name, signals: [...signals], tasks: [...tasks] })),
    ids: [...ids],
    received,
  };
}

export function restoreInbox({ boxes, ids, received }: InboxSnapshot): Inbox {
  return {
    boxes: new Map(boxes.map(({ name, signals, tasks }) => [name, { signals: [...signals], tasks: new Set(tasks) }])),
    ids: new Set(ids),
    received,
  };
}
