/** `concurrency` of a group: a gate that every start below the group passes, beside all others. */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from '../run/run.fixture.ts';
import { linesOf } from '../validate/validation.fixture.ts';
import { Admission } from './admission.ts';
import { LimitGates } from './limit-gates.ts';

/** A run whose ready tasks stand in line. */
function admit(scenario: Scenario): {
  readonly admission: Admission;
  readonly pick: () => string[];
  readonly end: (id: string) => void;
} {
  const admission = new Admission({ gates: new LimitGates({}, () => undefined), ageingMs: 1_000_000 });
  scenario.execute();
  const queued = new Set<string>();
  const enqueue = (): void => {
    for (const id of scenario.ids('ready')) {
      if (queued.has(id)) continue;
      queued.add(id);
      admission.enqueue(scenario.run, scenario.task(id), 0);
    }
  };
  enqueue();
  return {
    admission,
    pick() {
      const ids = admission.pick(0, 1_000).picked.map(({ task }) => task.id as string);
      if (ids.length > 0) scenario.start(...ids);
      return ids;
    },
    end(id) {
      const task = scenario.task(id);
      scenario.complete(id);
      admission.release(scenario.run, task);
      enqueue();
    },
  };
}

describe('the concurrency of a group', () => {
  it('R-LM-02: limits what is below it, whatever its executor, and nothing else', () => {
    const scenario = new Scenario(
      tasksOf({
        few: { group: true, policies: { concurrency: 2 } },
        a: { parentId: 'few' },
        b: { parentId: 'few', executor: 'other' },
        c: { parentId: 'few' },
        beside: [],
      }),
    );
    const { admission, pick, end } = admit(scenario);
    expect(pick()).toEqual(['a', 'b', 'beside']);
    expect(admission.blockers(scenario.run, scenario.task('c'))).toEqual([
      { gate: 'scope:few', used: 2, limit: 2, waiting: 1 },
    ]);
    end('b');
    expect(pick()).toEqual(['c']);
  });

  it('holds inside the limit of the group around it', () => {
    const scenario = new Scenario(
      tasksOf({
        outer: { group: true, policies: { concurrency: 2 } },
        inner: { group: true, parentId: 'outer', policies: { concurrency: 1 } },
        a: { parentId: 'inner' },
        b: { parentId: 'inner' },
        c: { parentId: 'outer' },
        d: { parentId: 'outer' },
      }),
    );
    const { pick, end } = admit(scenario);
    expect(pick()).toEqual(['a', 'c']);
    end('c');
    expect(pick()).toEqual(['d']);
    end('a');
    expect(pick()).toEqual(['b']);
  });

  it('limits the copies of a multiplied task', () => {
    const scenario = new Scenario(tasksOf({ each: { forEach: [1, 2, 3], policies: { concurrency: 2 } } }));
    const { pick, end } = admit(scenario);
    expect(pick()).toEqual(['each.0', 'each.1']);
    end('each.1');
    expect(pick()).toEqual(['each.2']);
  });

  it('gates and queues of groups that have ended do not pile up', () => {
    const scenario = new Scenario(
      tasksOf({
        loop: { group: true, repeat: { max: 1_200 } },
        inner: { group: true, parentId: 'loop', policies: { concurrency: 1 } },
        leaf: { parentId: 'inner' },
      }),
      { checks: false },
    );
    const { admission, pick, end } = admit(scenario);
    let most = 0;
    for (let [id] = pick(); id !== undefined; [id] = pick()) {
      most = Math.max(most, admission.uses().length);
      end(id);
    }
    expect(scenario.run.status).toBe('completed');
    expect(most).toBeLessThan(510);
  });

  it('is refused where there is nothing below to limit', () => {
    expect(linesOf(tasksOf({ a: { policies: { concurrency: 1 } } }))).toEqual([
      "tree/invalid tasks.1.policies.concurrency: Task 'a' has concurrency, which limits the tasks below a group, and is none: it has an executor",
    ]);
  });
});
