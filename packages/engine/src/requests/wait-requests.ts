/** Requests about waits: signals, answers, and what can be answered now. */
import {
  isRunTerminal,
  type Decision,
  type JsonObject,
  type Outcome,
  type RunCommand,
  type RunState,
  type TaskId,
  type TaskState,
  type TreeId,
} from '@coppice/core';
import type { EngineParts } from '../engine-parts.ts';
import type { LoadedRun } from '../kernel/loaded-run.ts';
import { unlessQuarantined } from '../quarantine.ts';
import type { Delivered, OpenWait, WaitRequests } from '../waits.ts';
import { decideDurably } from './decide-durably.ts';
import { detachValue } from './detach-submission.ts';
import { notFound } from './run-requests.ts';

export function createWaitRequests(parts: EngineParts): WaitRequests {
  return {
    async signal(treeId, { name, payload = null, id, actor }) {
      const given = detachValue({ name, payload, id }, []);
      if (!given.ok) return given;
      return deliver(parts, treeId, { type: 'signal', ...given.value, actor });
    },
    async answer(taskId, { approved, values, comment, id, actor, isAdmin }) {
      const given = detachValue({ values, comment, id }, []);
      if (!given.ok) return given;
      const treeId = await parts.loader.findTreeOf(taskId);
      if (treeId === undefined) return notFound(taskId);
      return deliver(parts, treeId, { type: 'answer', taskId, approved, ...given.value, actor, isAdmin });
    },
    async findWait(taskId) {
      const treeId = await parts.loader.findTreeOf(taskId);
      if (treeId === undefined) return undefined;
      const found = await unlessQuarantined(() =>
        parts.loader.withRun(treeId, ({ state }): Outcome<OpenWait | undefined> => ({
          ok: true,
          value: waitOf(state, taskId),
        })),
      );
      return found?.ok === true ? found.value : undefined;
    },
    waits: () => listWaits(parts),
  };
}

async function deliver(parts: EngineParts, treeId: TreeId, command: RunCommand): Promise<Outcome<Delivered>> {
  const decide = (loadedRun: LoadedRun): Outcome<Delivered> => deliveredBy(parts.kernel.submit(loadedRun, command));
  return (await decideDurably(parts, treeId, decide)) ?? notFound(treeId);
}

function deliveredBy(decision: Decision): Outcome<Delivered> {
  if (!decision.ok) return decision;
  const received = decision.value.find((event) => event.type === 'SignalReceived');
  const ended = decision.value.find((event) => event.type === 'TaskCompleted' && event.data.signal === received?.seq);
  const taskId = received === undefined ? null : (ended?.taskId ?? null);
  const rejected = decision.value.find(
    (event) => event.type === 'SignalRejected' && event.data.signal === received?.seq,
  );
  const reason = rejected?.type === 'SignalRejected' ? rejected.data.reason : null;
  const commands = received?.data.commands?.length ?? null;
  return { ok: true, value: { signal: received?.seq ?? null, taskId, commands, rejected: reason } };
}

/** Runs that have not ended and in which something waits, by their rows. */
async function waitingTrees(store: EngineParts['store']): Promise<readonly TreeId[]> {
  const found: TreeId[] = [];
  for (const treeId of await store.listIncomplete()) {
    const row = await store.findTree(treeId);
    if (row === undefined || row.counts.waiting > 0) found.push(treeId);
  }
  return found;
}

/** Of all runs that have not ended; those that are not in memory and in which something waits are loaded. */
async function listWaits({ kernel, loader, store }: EngineParts): Promise<readonly OpenWait[]> {
  const loaded = kernel.loadedRuns.list().map(({ treeId }) => treeId);
  const waits: OpenWait[] = [];
  for (const treeId of new Set([...loaded, ...(await waitingTrees(store))])) {
    const found = unlessQuarantined(() =>
      loader.withRun(treeId, ({ state }): Outcome<readonly OpenWait[]> => ({ ok: true, value: openWaits(state) })),
    );
    const outcome = await found;
    if (outcome?.ok === true) waits.push(...outcome.value);
  }
  return waits;
}

/** Waits of a run that a signal or an answer can end. */
function openWaits(run: RunState): readonly OpenWait[] {
  const { inbox } = run;
  if (inbox === undefined || isRunTerminal(run.status)) return [];
  const tasks = [...inbox.boxes.values()].flatMap((box) => [...box.tasks]);
  return tasks.map((id) => openWait(run, run.byId.get(id) as TaskState));
}

function waitOf(run: RunState, taskId: TaskId): OpenWait | undefined {
  const task = run.byId.get(taskId);
  const isOpen = task?.waiting?.for === 'wait' && task.waiting.signal !== undefined && !isRunTerminal(run.status);
  return isOpen ? openWait(run, task) : undefined;
}

function openWait(run: RunState, task: TaskState): OpenWait {
  const { id, definition, input = {}, waiting, startedAtMs } = task;
  const { signal = '', untilMs = null, reminders = 0 } = waiting?.for === 'wait' ? waiting : {};
  const text = (field: string): string | null => (typeof input[field] === 'string' ? input[field] : null);
  return {
    taskId: id,
    treeId: run.treeId,
    treeName: run.root.definition.name,
    userId: run.userId,
    name: definition.name,
    kind: definition.approval === undefined ? 'signal' : 'approval',
    signal,
    title: text('title') ?? definition.name,
    text: text('text'),
    form: ((input['form'] ?? input['schema']) as JsonObject | undefined) ?? null,
    approvers: (input['approvers'] as readonly string[] | undefined) ?? null,
    sinceMs: startedAtMs as number,
    dueAtMs: untilMs,
    reminders,
  };
}
