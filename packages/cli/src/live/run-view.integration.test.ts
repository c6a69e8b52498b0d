/** The fold that every client shows (`@coppice/client`) against what the server says about the same run. */
import { createClient, foldEvents } from '@coppice/client';
import type { Client, RunView, TaskView } from '@coppice/client';
import type { NestedTask, RunEvent } from '@coppice/protocol';
import { createLocal, parseConfig } from '@coppice/server';
import { treeSubmissions } from '@coppice/testkit';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { localTransport } from '../session/local-transport.ts';
import { makeFolder } from '../run-cli.fixture.ts';

async function openClient(): Promise<Client> {
  const folder = await makeFolder();
  const parsed = parseConfig({ dataDir: folder.path, store: { kind: 'memory' } });
  if (!parsed.ok) throw new Error('The configuration is bad');
  const local = await createLocal(parsed.config);
  await local.start();
  onTestFinished(async () => {
    await local.stop({ graceMs: 0 });
    await folder.remove();
  });
  return createClient({ transport: localTransport(local, { pushes: true }) });
}

async function readLog(client: Client, treeId: string): Promise<readonly RunEvent[]> {
  const { items } = await client.tasks.events({ treeId, limit: 10_000 });
  return items;
}

/** Answers all tasks of a nested answer. */
function flat(task: NestedTask): readonly NestedTask[] {
  return [task, ...task.children.flatMap(flat)];
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

function shownTask(task: TaskView) {
  return {
    id: task.id,
    parentId: task.parent?.id ?? null,
    name: task.definition.name,
    executor: task.definition.executor ?? null,
    status: task.status,
    attempt: task.attempt,
    output: task.output ?? null,
    error: task.error ?? null,
    reason: task.reason?.message ?? null,
    reused: task.isReused,
    dueAt: iso(task.waiting?.untilMs),
    readyAt: iso(task.readyAtMs),
    startedAt: iso(task.startedAtMs),
    endedAt: iso(task.endedAtMs),
  };
}

function shownRun(view: RunView) {
  const tasks = [...view.tasks.values()].filter((task) => !task.isDeleted);
  const counts: Record<string, number> = {};
  // The server counts the tasks of a run, and before its start there is none; the view shows what will be.
  const isCounted = view.startedAtMs !== undefined;
  for (const { status, isLeftOut } of tasks) if (isCounted && !isLeftOut) counts[status] = (counts[status] ?? 0) + 1;
  const total = isCounted ? view.tally.total : 0;
  return { seq: view.seq, status: view.status, total, counts, tasks: tasks.map(shownTask) };
}

function answeredRun(root: NestedTask) {
  const { tree } = root;
  if (tree === undefined) throw new Error('The answer has no tree');
  const counts = Object.fromEntries(Object.entries(tree.counts).filter(([, count]) => count > 0));
  const total = Object.values(tree.counts).reduce((sum, count) => sum + count, 0);
  const tasks = flat(root).map((task) => {
    const { id, parentId, name, executor, status, attempt, output, error, reason, reused } = task;
    const { dueAt, readyAt, startedAt, endedAt } = task;
    const outcome = { status, attempt, output, error, reason: reason?.message ?? null, reused };
    return { id, parentId, name, executor, ...outcome, dueAt, readyAt, startedAt, endedAt };
  });
  return { seq: tree.seq, status: tree.status, total, counts, tasks };
}

const inOrder = <Run extends ReturnType<typeof shownRun>>(run: Run) => ({
  ...run,
  tasks: run.tasks.toSorted((a, b) => a.id.localeCompare(b.id)),
});

/** What is done to a tree, one after the other; `pick` chooses the task. */
const STEPS = ['execute', 'executeTask', 'retry', 'retryTask', 'copy', 'cancel', 'delete', 'pause', 'resume'] as const;
const steps = fc.array(fc.record({ step: fc.constantFrom(...STEPS), pick: fc.nat() }), { minLength: 1, maxLength: 5 });

interface StepTarget {
  readonly step: (typeof STEPS)[number];
  readonly treeId: string;
  readonly taskId: string;
}

/** Answers the tree to look at from now on. A refusal is an outcome as well: then nothing has changed. */
async function act(client: Client, { step, treeId, taskId }: StepTarget): Promise<string> {
  switch (step) {
    case 'execute':
    case 'executeTask':
      await client.tasks.execute({ taskId: step === 'execute' ? treeId : taskId, wait: true });
      return treeId;
    case 'retry':
      await client.tasks.retry({ taskId: treeId, mode: 'failure' });
      return treeId;
    case 'retryTask':
      await client.tasks.retry({ taskId, mode: 'task' });
      return treeId;
    case 'cancel':
      await client.tasks.cancel({ taskId });
      return treeId;
    case 'delete':
      if (taskId !== treeId) await client.tasks.delete({ taskId });
      return treeId;
    case 'pause':
      await client.tasks.pause({ taskId, force: true, reason: 'for a test' });
      return treeId;
    case 'resume':
      await client.tasks.resume({ taskId });
      return treeId;
    case 'copy': {
      const copy = await client.tasks.copy({ taskId });
      if (Array.isArray(copy)) throw new Error('Not stored');
      return copy.id;
    }
  }
}

it('is the same run that the server shows, after any steps and at any time (R-PR-02)', async () => {
  const client = await openClient();
  let ended = 0;
  const submissions = treeSubmissions({ maxTasks: 12, mode: 'id', executors: ['delay', 'failing', 'aggregate'] });
  await fc.assert(
    fc.asyncProperty(submissions, steps, async ({ tasks }, acts) => {
      const given = tasks.map((task) => {
        if (task.executor === 'delay') return { ...task, inputs: { ms: 0 } };
        if (task.executor !== 'failing') return task;
        return { ...task, executor: 'delay', inputs: { ms: '${{ 1 / 0 }}' } };
      });
      const created = await client.tasks.create({ tasks: given as never, reidentify: true });
      let treeId = created.id;
      for (const { step, pick } of acts) {
        const root = await client.tasks.tree({ taskId: treeId });
        const all = flat(root);
        const taskId = all[pick % all.length]?.id ?? treeId;
        treeId = await act(client, { step, treeId, taskId }).catch(() => treeId);
        // Reads everything in one go, while the run may be under way.
        const [answer, events] = await Promise.all([client.tasks.tree({ taskId: treeId }), readLog(client, treeId)]);
        const shown = foldEvents(events.filter(({ seq }) => seq <= (answer.tree?.seq ?? 0)));
        expect(inOrder(shownRun(shown))).toEqual(inOrder(answeredRun(answer)));
        if (shown.endedAtMs !== undefined) ended += 1;
      }
    }),
    { numRuns: 200 },
  );
  expect(ended).toBeGreaterThan(20);
});

it('changes nothing by an event that it has seen, and says what has changed', async () => {
  const client = await openClient();
  const tasks = [{ id: 'a' }, { id: 'b', parentId: 'a', executor: 'delay', inputs: { ms: 0 } }];
  const { treeId } = await client.tasks.execute({ tasks, reidentify: true, wait: true });
  const events = await readLog(client, treeId);
  const once = foldEvents(events);
  expect(foldEvents([...events, ...events])).toEqual(once);
  expect([...once.changed].map(({ definition }) => definition.key)).toEqual(['a', 'b']);
});
