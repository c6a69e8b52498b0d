/** All runs: their logs are folded, and rows and snapshots compared with the fold. */
import { isRunTerminal, type Store, type TreeId } from '@coppice/core';
import { auditRun, repairRun, type RunAudit, type RunProblem } from '@coppice/engine';
import { countText, type Finding } from './finding.ts';

const PAGE = 200;

export interface RunsCheck {
  readonly store: Store;
  readonly repairs: boolean;
  /** True: some process executes the runs that are under way. */
  readonly isServed: boolean;
  /** Called after each run. */
  readonly onRun: (count: number) => void;
}

export async function* checkRuns(options: RunsCheck): AsyncGenerator<Finding> {
  const { store, isServed, onRun } = options;
  const quarantined = new Set(await store.listQuarantined());
  let [runs, events, underWay] = [0, 0, 0];
  for await (const { treeId, name } of listTrees(store)) {
    const audit = await auditRun(store, treeId);
    if (audit === undefined) continue;
    runs += 1;
    events += audit.seq;
    if (audit.run !== undefined && audit.run.status !== 'created' && !isRunTerminal(audit.run.status)) underWay += 1;
    yield* await findingsOf(options, { audit, name, isQuarantined: quarantined.has(treeId) });
    onRun(runs);
  }
  yield {
    area: 'runs',
    severity: 'ok',
    text: `${countText(runs, 'run')} with ${countText(events, 'event')} looked at`,
  };
  if (underWay === 0 || isServed) return;
  const text = `${countText(underWay, 'run is', 'runs are')} under way, and no process executes ${underWay === 1 ? 'it' : 'them'}`;
  yield { area: 'runs', severity: 'note', text, advice: 'Go on with: coppice resume' };
}

async function* listTrees(store: Store): AsyncGenerator<{ readonly treeId: TreeId; readonly name: string }> {
  let cursor: string | undefined;
  do {
    const page = await store.list({ rootOnly: true }, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { task } of page.items) yield { treeId: task.treeId, name: task.name };
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

interface AuditedRun {
  readonly audit: RunAudit;
  readonly name: string;
  readonly isQuarantined: boolean;
}

async function findingsOf(
  { store, repairs }: RunsCheck,
  { audit, name, isQuarantined }: AuditedRun,
): Promise<readonly Finding[]> {
  const { treeId, problems } = audit;
  const problem = (text: string, more: Partial<Finding>): Finding => ({
    area: 'runs',
    severity: 'problem',
    treeId,
    text: `${name}: ${text}`,
    ...more,
  });
  if (isQuarantined && audit.run !== undefined) {
    if (repairs && (await repairRun(store, { ...audit, problems: [ROWS] })).length > 0)
      return [problem('it is set aside, and its log can be read again', { isRepaired: true })];
    return [problem('it is set aside, and its log can be read again', { advice: 'The next start puts it back' })];
  }
  const mended = repairs && problems.length > 0 ? new Set(await repairRun(store, audit)) : new Set<RunProblem>();
  return problems.map((each) =>
    problem(each.text, mended.has(each) ? { isRepaired: true } : { advice: adviceOf(each, treeId) }),
  );
}

const ROWS: RunProblem = { of: 'rows', text: '' };

function adviceOf(problem: RunProblem, treeId: TreeId): string {
  if (problem.of === 'log' && problem.soundSeq === undefined)
    return `Put a sound copy of the database in its place, or delete the tree: coppice tasks delete ${treeId}`;
  return problem.of === 'log'
    ? `Its end is lost: coppice doctor --repair cuts it after event ${problem.soundSeq}, and the run goes on from there`
    : 'Write it anew from the log: coppice doctor --repair';
}
