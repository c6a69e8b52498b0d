import type { Hold, RunEvent } from '@coppice/protocol';
import { describe, expect, it } from 'vitest';
import { foldEvents } from './apply-event.ts';
import { setHolds, stillOf, stillText } from './holds.ts';
import type { RunView } from './run-view.ts';

const fields = { key: 'x', dependencies: [], join: 'all', priority: 2, policies: {}, inputs: {}, allowFailure: false };
const task = (id: string, more: object = {}) => ({
  ...fields,
  id,
  name: id,
  capabilities: [],
  tags: [],
  metadata: {},
  ...more,
});
const TASKS = [
  task('root'),
  task('night', { parentId: 'root', tags: ['nightly'] }),
  task('wash', { parentId: 'night', executor: 'http' }),
  task('cook', { parentId: 'root', executor: 'command', fallback: { executor: 'delay' } }),
  task('later', { parentId: 'root', executor: 'http' }),
];

function view(): RunView {
  const log: readonly (readonly [string, object])[] = [
    [
      'TreeCreated',
      {
        data: {
          definition: { treeId: 'root', tasks: TASKS, inputs: {}, variables: {}, policies: {} },
          userId: 'u',
          seed: '',
        },
      },
    ],
    ['RunStarted', { data: {} }],
    ['TaskOpened', { taskId: 'root', data: { ready: ['cook'] } }],
    ['TaskOpened', { taskId: 'night', data: { ready: ['wash'] } }],
  ];
  return foldEvents(
    log.map(
      ([type, more], at) =>
        ({ treeId: 'root', v: 2, seq: at + 1, at: '2026-11-20T12:00:00.000Z', type, ...more }) as unknown as RunEvent,
    ),
  );
}

const hold = (target: Hold['target'], reason: string | null = null): Hold => ({
  target,
  since: '2026-11-20T12:00:00.000Z',
  by: { userId: 'ann', face: 'page' },
  reason,
});

const heldBy = (target: Hold['target']): readonly string[] => {
  const run = view();
  setHolds(run, [hold(target)]);
  return [...run.tasks.values()].filter((each) => stillOf(each)?.word === 'held').map(({ id }) => id);
};

describe('holds in the view of a run (R-CP-09)', () => {
  it('keep still what is ready: all of it, one executor type, or what is below a tag', () => {
    expect(heldBy({ of: 'everything' })).toEqual(['wash', 'cook']);
    expect(heldBy({ of: 'executor', name: 'http' })).toEqual(['wash']);
    expect(heldBy({ of: 'tag', name: 'nightly' })).toEqual(['wash']);
    expect(heldBy({ of: 'tag', name: 'daily' })).toEqual([]);
  });

  it('hold a task that falls back by the executor of its fallback', () => {
    const run = view();
    const cook = run.tasks.get('cook')!;
    cook.port = 'fallback';
    setHolds(run, [hold({ of: 'executor', name: 'command' })]);
    expect(stillText(cook)).toBe('');
    setHolds(run, [hold({ of: 'executor', name: 'delay' }, 'the clock is changed')]);
    expect(stillText(cook)).toBe('held · the clock is changed');
  });

  it('name the tasks whose look may change, and nothing where nothing is and was held', () => {
    const run = view();
    expect(setHolds(run, [])).toEqual([]);
    const changed = (items: readonly Hold[]) => setHolds(run, items).map(({ id }) => id);
    expect(changed([hold({ of: 'everything' })])).toEqual(['wash', 'cook']);
    expect(changed([])).toEqual(['wash', 'cook']);
    expect(stillOf(run.tasks.get('wash')!)).toBeUndefined();
  });

  it('are no news beside a pause', () => {
    const run = view();
    setHolds(run, [hold({ of: 'everything' })]);
    run.root!.pause = { sinceMs: 1, reason: 'the move', by: undefined, isReached: true };
    expect(stillText(run.tasks.get('wash')!)).toBe('paused · the move');
  });
});
