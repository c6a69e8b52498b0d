import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '@coppice/protocol';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { renderFrame, renderOutcome } from './render.ts';
import { applyEvent, createRunView } from '@coppice/client';
import type { RunView } from '@coppice/client';

const START_MS = Date.parse('2026-11-20T12:00:00.000Z');
type EventData = Record<string, unknown>;
/** Type, task (or none), data. */
type EventSketch = readonly [type: string, taskId?: string | undefined, data?: EventData];

/** A view of a tree `id: parent`, with events of the form `[type, taskId, data]`, one second apart. */
function viewOf(tree: Record<string, string | null>, happenings: readonly EventSketch[]): RunView {
  const view = createRunView();
  const parents = new Set(Object.values(tree));
  const tasks = Object.entries(tree).map(([id, parentId]) => ({
    id,
    name: id,
    ...(parentId === null ? {} : { parentId }),
    ...(parents.has(id) ? {} : { executor: 'delay' }),
  }));
  const events = [['TreeCreated', undefined, { definition: { tasks } }], ['RunStarted'], ...happenings] as const;
  for (const [index, [type, taskId, data = {}]] of events.entries()) {
    const at = new Date(START_MS + index * 1000).toISOString();
    const id = taskId === undefined ? {} : { taskId };
    applyEvent(view, { treeId: 't', seq: index + 1, at, v: 1, type, ...id, data } as unknown as RunEvent);
  }
  return view;
}

function frame(view: RunView, size: { columns?: number; rows?: number; afterMs?: number } = {}): readonly string[] {
  const { columns = 72, rows = 24, afterMs = 20_000 } = size;
  return renderFrame(view, { nowMs: START_MS + afterMs, columns, rows }).map(stripVTControlCharacters);
}

const TREE = {
  site: null,
  fetch: 'site',
  build: 'site',
  lint: 'build',
  compile: 'build',
  upload: 'site',
  report: 'site',
};
const HAPPENINGS = [
  ['TaskOpened', 'site'],
  ['TaskStarted', 'fetch'],
  ['TaskOpened', 'build'],
  ['TaskCompleted', 'fetch', { output: { stdout: 'hello\nworld' } }],
  ['TaskStarted', 'lint'],
  ['TaskStarted', 'upload'],
  ['RetryScheduled', 'upload', { dueAt: '2026-11-20T12:00:24.000Z', error: { message: 'HTTP 503', code: 'x' } }],
  ['TaskProgressed', 'lint', { fraction: 0.456, message: 'half\nway' }],
] as const;

describe('renderFrame', () => {
  it('shows the tree with what each task does, and the totals (R-PR-06, R-PR-07)', () => {
    expect(frame(viewOf(TREE, HAPPENINGS)).join('\n')).toMatchInlineSnapshot(`
      "⠋ site              18s  1/6 (16 %)
      ├─ ✓ fetch         2.0s  hello
      ├─ ⠋ build          16s  0/2 (0 %)
      │  ├─ ⠋ lint        14s  45 % · half way
      │  └─ · compile
      ├─ ↻ upload              attempt 1 failed, next in 4.0s · HTTP 503
      └─ · report

      ━━━━━─────────────────────────  1/6 (16 %)  1 running  1 waiting  19s"
    `);
  });

  it('says what a task waits for: an attempt that failed, one that was interrupted, or its time', () => {
    const error = { message: 'HTTP 503', code: 'x' };
    const dueAt = '2026-11-20T12:00:24.000Z';
    const waits = frame(
      viewOf({ site: null, fetch: 'site', build: 'site', report: 'site' }, [
        ['TaskStarted', 'fetch'],
        ['RetryScheduled', 'fetch', { dueAt, error }],
        ['TaskStarted', 'build'],
        ['AttemptInterrupted', 'build', { reason: 'crash', dueAt }],
        ['TaskDelayed', 'report', { dueAt }],
      ]),
    );
    expect(waits.slice(1, 4).map((line) => line.replace(/^.* ↻ /, ''))).toEqual([
      'fetch           attempt 1 failed, next in 4.0s · HTTP 503',
      'build           attempt 1 was interrupted, next in 4.0s',
      'report          starts in 4.0s',
    ]);
  });

  it('folds what is quiet when it does not fit, and keeps what runs', () => {
    const lines = frame(viewOf(TREE, HAPPENINGS), { rows: 9 });
    expect(stripVTControlCharacters(lines.join('\n'))).toMatchInlineSnapshot(`
      "⠋ site                18s  1/6 (16 %)
      ├─ ⠋ build › lint     14s  45 % · half way
      └─ ↻ upload                attempt 1 failed, next in 4.0s · HTTP 503
         … 4 more tasks

      ━━━━━─────────────────────────  1/6 (16 %)  1 running  1 waiting  19s"
    `);
    expect(frame(viewOf(TREE, HAPPENINGS), { rows: 6 }).join('\n')).toMatchInlineSnapshot(`
      "⠋ site                18s  1/6 (16 %)
      └─ ⠋ build › lint     14s  45 % · half way
         … 5 more tasks

      ━━━━━─────────────────────────  1/6 (16 %)  1 running  1 waiting  19s"
    `);
  });

  it('is never wider or higher than the terminal, whatever happens in it', () => {
    const size = fc.record({ columns: fc.integer({ min: 20, max: 120 }), rows: fc.integer({ min: 5, max: 40 }) });
    const parents = fc.array(fc.nat(), { minLength: 1, maxLength: 60 });
    const types = fc.array(fc.constantFrom('TaskStarted', 'TaskCompleted', 'TaskFailed', 'TaskSkipped'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(size, parents, types, (terminal, links, kinds) => {
        const name = (index: number): string => `täsk ${index} 任务`;
        const tree = Object.fromEntries(
          links.map((link, index) => [name(index), index === 0 ? null : name(link % index)]),
        );
        const error = { message: 'it broke\n'.repeat(20), code: 'x' };
        const view = viewOf(
          tree,
          kinds.map((kind, index) => [kind, name(index), { error, reason: error, output: 'x'.repeat(300) }]),
        );
        const lines = frame(view, terminal);
        expect(lines.length).toBeLessThan(terminal.rows);
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(terminal.columns);
        expect(view.tally.ended).toBeLessThanOrEqual(view.tally.total);
        expect(view.tally.total).toBe(links.length);
      }),
    );
  });

  it('lists the failures of an ended run', () => {
    const error = { message: 'gave up', code: 'retry/exhausted', cause: { message: 'HTTP 503', code: 'http/status' } };
    const view = viewOf(TREE, [
      ...HAPPENINGS,
      ['TaskFailed', 'upload', { error, handled: false }],
      ['TaskSkipped', 'report', { reason: { message: 'upload failed' } }],
      ['TaskFailed', 'site', { error: { message: 'upload failed', code: 'group/failed' }, handled: false }],
      ['RunFailed', undefined, { error, failures: [] }],
    ]);
    const lines = renderOutcome(view, { nowMs: START_MS, columns: 72 });
    expect(stripVTControlCharacters(lines.join('\n'))).toMatchInlineSnapshot(`
      "✗ upload: gave up
          HTTP 503

      ✗ failed in 12s · 1 completed, 1 failed, 1 skipped, 1 running, 1
        pending · site"
    `);
  });

  it('names what failed first before its victims, with the last lines that each printed, in order', () => {
    const tail = Array.from({ length: 22 }, (_, index) => ({
      stream: index % 2 === 0 ? 'stdout' : 'stderr',
      line: index === 21 ? 'no \u001B[2Jdisk' : `line ${index}\u0007`,
    }));
    const failure = (data: EventData) => ({
      error: { message: 'exit code 2: no disk', code: 'x', data },
      handled: false,
    });
    const view = viewOf(TREE, [
      ['TaskStarted', 'fetch'],
      ['TaskStarted', 'upload'],
      ['TaskFailed', 'upload', failure({ tail })],
      ['TaskFailed', 'fetch', failure({ stdout: '', stderr: 'interrupted\n' })],
      ['RunFailed', undefined, { ...failure({}), failures: [] }],
    ]);
    const lines = renderOutcome(view, { nowMs: START_MS, columns: 72 });
    expect(stripVTControlCharacters(lines.join('\n'))).toMatchInlineSnapshot(`
      "✗ upload: exit code 2
        │ line 2
        │ line 3
        │ line 4
        │ line 5
        │ line 6
        │ line 7
        │ line 8
        │ line 9
        │ line 10
        │ line 11
        │ line 12
        │ line 13
        │ line 14
        │ line 15
        │ line 16
        │ line 17
        │ line 18
        │ line 19
        │ line 20
        │ no disk
        2 earlier lines: coppice tasks logs upload --all
      ✗ fetch: exit code 2: no disk
        │ interrupted

      ✗ failed in 5.0s · 2 failed, 3 pending · site"
    `);
  });
});
