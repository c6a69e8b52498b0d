import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalPath } from './critical-path.ts';
import { logOf, runEvents, START_MS } from './run.fixture.ts';
import { summarise, TimelineModel } from './timeline-model.ts';
import type { RunEvent } from '@coppice/protocol';

function modelOf(events: readonly RunEvent[]): TimelineModel {
  const model = new TimelineModel();
  model.add(events);
  return model;
}

const second = (offsetMs: number | undefined): number | undefined =>
  offsetMs === undefined ? undefined : (offsetMs - START_MS) / 1000;

/** A run with a limit, a retry and a group, one second between events. */
const EVENTS = logOf(
  { root: [null], fetch: ['root'], group: ['root', 'fetch'], build: ['group'], test: ['group', 'build'] },
  [
    ['TaskOpened', 'root', { ready: ['fetch'] }],
    ['TaskStarted', 'fetch', { attempt: 1, input: {} }],
    ['RetryScheduled', 'fetch', { attempt: 1, delayMs: 1000, dueAt: '', error: {} }],
    ['TaskDue', 'fetch', {}],
    ['TaskStarted', 'fetch', { attempt: 2, input: {} }],
    ['TaskCompleted', 'fetch', { attempt: 2, output: null }],
    ['TaskOpened', 'group', { ready: ['build'] }],
    ['TaskStarted', 'build', { attempt: 1, input: {} }],
    ['TaskCompleted', 'build', { attempt: 1, output: null, ready: ['test'] }],
    ['TaskStarted', 'test', { attempt: 1, input: {} }],
    ['TaskCompleted', 'test', { attempt: 1, output: null }],
    ['TaskCompleted', 'group', { output: {} }],
    ['TaskCompleted', 'root', { output: {} }],
    ['RunCompleted', undefined, {}],
  ],
);

describe('spans', () => {
  it('tell waiting for a limit, attempts and back-off apart (R-RT-13)', () => {
    const { rows } = modelOf(EVENTS);
    const texts = rows
      .get('fetch')!
      .spans.map(
        ({ kind, attempt, fromMs, toMs, outcome }) =>
          `${kind} ${attempt} ${second(fromMs)}-${second(toMs)} ${outcome ?? ''}`,
      );
    expect(texts).toEqual([
      'queued 1 2-3 ',
      'running 1 3-4 retry',
      'backoff 1 4-5 ',
      'queued 2 5-6 ',
      'running 2 6-7 completed',
    ]);
    expect(rows.get('group')!.spans).toMatchObject([{ kind: 'open', outcome: 'completed' }]);
    expect(rows.get('test')!.readyBy).toBe('build');
    expect(summarise(modelOf(EVENTS), 0)).toMatchObject({
      queuedMs: 4000,
      runningMs: 4000,
      backoffMs: 1000,
      lostMs: 1000,
    });
  });

  it('follow each other, and only the last is open', () => {
    fc.assert(
      fc.property(runEvents(), (events) => {
        for (const { spans } of modelOf(events).rows.values()) {
          for (const [index, { fromMs, toMs }] of spans.entries()) {
            const isLast = index === spans.length - 1;
            expect(toMs === undefined).toBe(isLast && toMs === undefined);
            expect(toMs ?? Infinity).toBeGreaterThanOrEqual(fromMs);
            expect(isLast ? toMs : spans[index + 1]?.fromMs).toBe(toMs);
          }
        }
      }),
    );
  });

  it('are the same, whether events come one by one or at once', () => {
    fc.assert(
      fc.property(runEvents(), (events) => {
        const one = new TimelineModel();
        for (const event of events) {
          const changed = one.add([event]);
          expect(changed.has('taskId' in event ? event.taskId : '')).toBe('taskId' in event);
        }
        expect([...one.rows]).toEqual([...modelOf(events).rows]);
      }),
    );
  });
});

describe('the critical path', () => {
  it('goes from the last end back to the start, and says what it was spent on', () => {
    const steps = criticalPath(modelOf(EVENTS));
    expect(steps.map(({ taskId }) => taskId)).toEqual(['fetch', 'build', 'test']);
    expect(steps[0]).toMatchObject({ runningMs: 2000, waitingMs: 3000 });
    expect(second(steps.at(-1)?.toMs)).toBe(12);
  });

  it('is in the order of time and never endless', () => {
    fc.assert(
      fc.property(runEvents(), (events) => {
        const steps = criticalPath(modelOf(events));
        for (const [index, step] of steps.entries()) {
          expect(step.runningMs + step.waitingMs).toBe(step.toMs - step.fromMs);
          expect(step.toMs).toBeGreaterThanOrEqual(steps[index - 1]?.toMs ?? 0);
        }
      }),
    );
  });
});
