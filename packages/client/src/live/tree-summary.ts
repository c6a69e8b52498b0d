/** What a list shows of each tree. The log of the tree is not needed for it. */
import type { Progress, Result, RunEvent, RunStatus } from '@coppice/protocol';

export interface TreeSummary {
  readonly treeId: string;
  readonly name: string;
  readonly userId: string;
  readonly status: RunStatus;
  readonly tags: readonly string[];
  /** The task that its root is a copy of. */
  readonly originalTaskId: string | undefined;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** Why the run failed or was cancelled. */
  readonly problem: string | undefined;
  /** Progress of the run; undefined until the server sends it. */
  readonly progress: Progress | undefined;
}

type ListItem = Result<'tasks.list'>['items'][number];
type RootTask = Result<'tasks.get'>;

/** From an entry of `tasks.list`. */
export function summaryOfListed(root: ListItem): TreeSummary {
  return {
    treeId: root.treeId,
    name: root.name,
    userId: root.userId,
    status: root.runStatus,
    tags: root.tags,
    originalTaskId: root.originalTaskId ?? undefined,
    startedAtMs: parsed(root.startedAt),
    endedAtMs: parsed(root.endedAt),
    problem: root.error?.message ?? root.reason?.message,
    progress: undefined,
  };
}

/** From the answer of `tasks.get` about a root. */
export function summaryOfTask({ tree, ...root }: RootTask): TreeSummary | undefined {
  if (tree === undefined) return undefined;
  return {
    treeId: tree.treeId,
    name: tree.name,
    userId: tree.userId,
    status: tree.status,
    tags: root.tags,
    originalTaskId: root.originalTaskId ?? undefined,
    startedAtMs: parsed(tree.startedAt),
    endedAtMs: parsed(tree.endedAt),
    problem: tree.error?.message ?? tree.reason?.message,
    progress: undefined,
  };
}

/** The summary after an event; undefined if the event creates no tree and there is none yet. */
export function afterEvent(summary: TreeSummary | undefined, event: RunEvent): TreeSummary | undefined {
  if (event.type === 'TreeCreated') return summaryOfCreated(event);
  if (summary === undefined) return undefined;
  const atMs = Date.parse(event.at);
  switch (event.type) {
    case 'RunStarted':
      return { ...summary, status: 'running', startedAtMs: atMs };
    case 'RunReopened':
      return { ...summary, status: 'running', endedAtMs: undefined, problem: undefined, progress: undefined };
    case 'RunCompleted':
      return { ...summary, status: 'completed', endedAtMs: atMs };
    case 'RunFailed':
      return { ...summary, status: 'failed', endedAtMs: atMs, problem: event.data.error.message };
    case 'RunCancelled':
      return { ...summary, status: 'cancelled', endedAtMs: atMs, problem: event.data.reason.message };
    case 'TaskPausing':
      return event.taskId === summary.treeId ? { ...summary, status: 'pausing' } : summary;
    case 'TaskPaused':
      return event.taskId === summary.treeId ? { ...summary, status: 'paused' } : summary;
    case 'TaskResumed':
      return event.taskId === summary.treeId ? { ...summary, status: 'running' } : summary;
    case 'TaskUpdated':
      if (event.taskId !== summary.treeId) return summary;
      return { ...summary, name: event.data.definition.name, tags: event.data.definition.tags };
    case 'TaskOpened':
    case 'TaskDelayed':
    case 'TaskDue':
    case 'TaskStarted':
    case 'CallRecorded':
    case 'TaskProgressed':
    case 'RetryScheduled':
    case 'AttemptInterrupted':
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'TaskSkipped':
    case 'TaskCancelled':
    case 'TasksDeleted':
    case 'WaitStarted':
    case 'WaitReminded':
    case 'SignalReceived':
    case 'SignalRejected':
      return summary;
  }
}

function summaryOfCreated(event: Extract<RunEvent, { type: 'TreeCreated' }>): TreeSummary {
  const { definition, userId } = event.data;
  const root = definition.tasks.find(({ parentId }) => parentId === undefined);
  return {
    treeId: event.treeId,
    name: root?.name ?? event.treeId,
    userId,
    status: 'created',
    tags: root?.tags ?? [],
    originalTaskId: root?.originalTaskId,
    startedAtMs: undefined,
    endedAtMs: undefined,
    problem: undefined,
    progress: undefined,
  };
}

function parsed(time: string | null): number | undefined {
  return time === null ? undefined : Date.parse(time);
}
