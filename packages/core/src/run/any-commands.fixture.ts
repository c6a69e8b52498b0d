/** Any trees, and any commands on them in any order, for properties. */
import type { TaskId } from '@coppice/extension';
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { treeSubmissions } from '@coppice/testkit';
import { isRunTerminal } from '../task/status.ts';
import type { TaskSubmission } from '../task/submission.ts';
import type { Scenario } from './run.fixture.ts';
import type { RunState } from './state.ts';
import { waitCommand } from './wait-commands.fixture.ts';

export const WHENS = ['run.userId == "ann"', 'run.userId == "bob"', 'task.key == "t3"', 'env.NONE == 1'];
export const trees = treeSubmissions({
  maxTasks: 12,
  mode: 'id',
  conditions: ['output == null', 'status == "failed"'],
  whens: WHENS,
  waits: 'all',
}).map((tree) => ({ ...tree, tasks: tree.tasks.map(limited) }));

/** Some tasks and groups have limits of their own. */
function limited(task: TaskSubmission, index: number): TaskSubmission {
  const isWait = task.wait !== undefined || task.approval !== undefined;
  const policies = isWait ? undefined : LIMITS[index % LIMITS.length];
  return policies === undefined ? task : { ...task, policies: { ...task.policies, ...policies } };
}

const LIMITS = [undefined, { totalTimeoutMs: 60 }, undefined, { queueTimeoutMs: 40 }, { totalTimeoutMs: 90 }];
export const choices = fc.array(fc.nat(9_999), { minLength: 20, maxLength: 120 });

/** Outcome of a task as a function of its id: what a run that is independent of time would see. */
export const isFailing = (id: string, salt: number) => (Number(id.slice(1)) * 7 + salt) % 4 === 0;

/** Kinds of commands that `act` chooses from. */
export const KINDS = 26;

/** One command chosen by numbers: a start, a result, a user's wish, a crash. */
export function act(s: Scenario, choice: number, salt: number): void {
  const { run } = s;
  const pick = <T>(items: readonly T[]): T | undefined => items[choice % Math.max(items.length, 1)];
  const kind = choice % KINDS;
  if (kind < 8) {
    const ready = pick(s.ids('ready'));
    if (ready !== undefined) s.start(ready);
  } else if (kind < 15) {
    const running = pick(run.tasks.filter((task) => task.status === 'running' && task.group === undefined));
    if (running === undefined) return;
    if (isFailing(running.id, salt)) s.fail(running.id, choice % 11 === 0 ? { retryable: false, fatal: true } : {});
    else s.complete(running.id, choice % 3 === 0 ? null : { value: choice });
  } else if (kind === 15) {
    const task = pick(run.tasks);
    if (choice % 3 === 0) tryCommand(s, { type: 'cancel', taskId: task?.id });
  } else if (kind === 16) s.when({ type: 'interrupt', reason: 'crash', failing: choice % 5 === 0 ? ['work'] : [] });
  else if (kind === 17 && isRunTerminal(run.status)) retry(s, choice);
  else if (kind === 18 && run.status !== 'running') {
    const task = pick(run.tasks) as RunState['root'];
    tryCommand(s, { type: 'execute', taskIds: task === run.root ? undefined : [task.id] });
  } else if (kind === 19) {
    s.nowMs += choice % 50;
    for (const waiting of s.ids('waiting')) s.due(waiting);
    for (const { id } of run.deadlines?.keys() ?? []) s.when({ type: 'deadline', taskId: id });
  } else if (kind === 20) {
    const taskId = pick(run.tasks)?.id;
    const drainTimeoutMs = [undefined, undefined, 0, 10][choice % 4];
    tryCommand(s, { type: 'pause', taskId, drainTimeoutMs, failing: choice % 5 === 0 ? ['work'] : [] });
  } else if (kind === 21) {
    const taskId = pick([...(run.pauses?.keys() ?? [])]) ?? pick(run.tasks)?.id;
    tryCommand(s, { type: 'resume', taskId });
  } else if (kind === 22) {
    for (const taskId of pausedIn(run)) s.when({ type: 'drained', taskId, failing: [] });
  } else if (kind === 23) {
    const taskId = pick(run.tasks)?.id ?? run.root.id;
    const ending =
      choice % 2 === 0 ? ({ status: 'skipped' } as const) : ({ status: 'completed', output: choice } as const);
    tryCommand(s, { type: 'endByHand', taskId, ending });
  } else if (kind > 23) tryCommand(s, waitCommand(run, choice));
}

export function pausedIn({ pauses }: RunState): readonly TaskId[] {
  return [...(pauses?.keys() ?? [])];
}

function retry(s: Scenario, choice: number): void {
  const mode = (['start', 'failure', 'task'] as const)[choice % 3] ?? 'start';
  const task = s.run.tasks[choice % s.run.tasks.length];
  tryCommand(s, { type: 'retry', mode, taskId: task?.id, cascade: choice % 2 === 0 });
}

/** Sends a command that may be refused; a refusal must change nothing. */
export function tryCommand(s: Scenario, command: Parameters<Scenario['when']>[0]): void {
  const before = s.log.length;
  try {
    s.decide(command);
  } catch (error) {
    if (!(error as Error).message.includes('was refused')) throw error;
    assert.equal(s.log.length, before);
  }
}
