/** Rule 5: what a task sees of the variables of its tree, and what the run ends with (R-SC-06, R-SC-07). */
import type { Json, JsonObject } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { copyOf } from '../task/copy-source.fixture.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const VARIABLES: JsonObject = { total: { value: 0, merge: 'sum' }, log: { value: [], merge: 'append' }, stage: 'new' };
const reads = (name: string, ...dependencies: string[]): TaskShape => ({
  dependencies,
  inputs: { seen: `\${{ vars.${name} }}` },
});

function scenario(tasks: Parameters<typeof tasksOf>[0], variables: JsonObject = VARIABLES): Scenario {
  const s = new Scenario(tasksOf(tasks), { variables });
  s.execute();
  return s;
}

function seenBy(s: Scenario, id: string): Json | undefined {
  s.start(id);
  return s.task(id).input?.['seen'];
}

describe('a task sees', () => {
  it('the initial values, and what its ancestors have written, not what others have', () => {
    const s = scenario({ a: [], other: [], b: reads('total', 'a'), c: reads('total', 'b'), d: reads('stage') });
    s.write('a', { total: 3, stage: 'a' });
    s.write('other', { total: 100 });
    expect([seenBy(s, 'b'), seenBy(s, 'd')]).toEqual([3, 'new']);
    s.write('b', { total: 4 });
    expect(seenBy(s, 'c')).toBe(7);
  });

  it('each write once, however many ways lead to it', () => {
    const s = scenario({ a: [], b: ['a'], c: ['a'], d: reads('total', 'b', 'c', 'a') });
    s.write('a', { total: 1 });
    s.write('b', { total: 10 });
    s.write('c', { total: 100 });
    expect(seenBy(s, 'd')).toBe(111);
  });

  it('writes in the order of depth, then declaration, whatever ended first (R-SC-06)', () => {
    const s = scenario({ a: [], b: [], c: ['b'], d: reads('log', 'c', 'a') });
    s.write('b', { log: 'b' });
    s.write('c', { log: ['c1', 'c2'] });
    s.write('a', { log: 'a' });
    expect(seenBy(s, 'd')).toEqual(['a', 'b', 'c1', 'c2']);
  });

  it('what the members of a group have written, and what gates the group around itself', () => {
    const s = scenario({
      a: [],
      g: { group: true, dependencies: ['a'] },
      m: { parentId: 'g' },
      n: { parentId: 'g', ...reads('total') },
      after: reads('total', 'g'),
    });
    s.write('a', { total: 1 });
    s.write('m', { total: 2 });
    expect(seenBy(s, 'n')).toBe(1);
    s.write('n', { total: 4 });
    expect(seenBy(s, 'after')).toBe(7);
  });

  it('with the join any only what its winner has seen and written', () => {
    const s = scenario({ a: [], b: [], c: { ...reads('total', 'a', 'b'), join: 'any' }, d: reads('total', 'c') });
    s.write('b', { total: 2 });
    expect(seenBy(s, 'c')).toBe(2);
    s.write('a', { total: 1 });
    s.complete('c');
    expect(seenBy(s, 'd')).toBe(2);
  });

  it('nothing through a task that never started: what that waited for may have ended or not', () => {
    for (const slowFirst of [true, false]) {
      const skipped = { task: 'b', on: ['skipped' as const] };
      const s = scenario({
        fails: { allowFailure: true },
        slow: [],
        b: ['fails', 'slow'],
        c: { ...reads('total'), dependencies: [skipped] },
      });
      if (slowFirst) s.write('slow', { total: 5 });
      s.fail('fails', { retryable: false });
      if (!slowFirst) s.write('slow', { total: 5 });
      expect(seenBy(s, 'c')).toBe(0);
    }
  });

  it('them in its when, and in what a group is made of', () => {
    const s = scenario({
      a: [],
      b: { dependencies: ['a'], when: 'vars.total == 3' },
      g: { group: true, dependencies: ['a'], inputs: { n: '${{ vars.total }}' }, output: '${{ vars.total }}' },
      m: { parentId: 'g', inputs: { seen: '${{ inputs.n }}' } },
    });
    s.write('a', { total: 2 });
    expect(s.task('b').reason?.message).toBe('when `vars.total == 3` was false: vars.total is 2');
    expect(seenBy(s, 'm')).toBe(2);
    s.write('m', { total: 5 });
    expect(s.task('g').output).toBe(7);
  });
});

describe('two that replace one variable (R-SC-07)', () => {
  const tasks = { a: [], b: [], reads: reads('stage', 'a', 'b'), other: reads('total', 'a', 'b') };

  it('and do not depend on one another are a conflict for who reads it after both', () => {
    const s = scenario(tasks);
    s.write('a', { stage: 'a' });
    s.write('b', { stage: 'b' });
    s.start('reads', 'other');
    expect(s.task('other').status).toBe('running');
    expect(s.task('reads').error).toEqual({
      code: 'variables/conflict',
      message:
        "The inputs of reads can not be resolved: ${{vars.stage}}: the variable 'stage' has two values: a and b wrote it, and neither depends on the other. Let one depend on the other, or declare how it merges. Mend the expression and copy the tree",
      retryable: false,
    });
    s.complete('other');
    expect(s.run.result).toEqual({
      variables: { total: 0, log: [] },
      conflicts: [{ variable: 'stage', tasks: ['a', 'b'] }],
    });
  });

  it('are none when one sees the other, or when a third that sees both has the last word', () => {
    const s = scenario({ a: [], b: [], c: ['a', 'b'], d: ['c'], e: reads('stage', 'd', 'b') });
    s.write('b', { stage: 'b' });
    s.write('a', { stage: 'a' });
    s.write('c', { stage: 'c' });
    s.complete('d');
    expect(seenBy(s, 'e')).toBe('c');
    s.complete('e');
    expect(s.run.result).toEqual({ variables: { total: 0, log: [], stage: 'c' } });
  });

  it('are one again behind a third that saw one of them only', () => {
    const s = scenario({ a: [], b: [], c: ['a'], d: reads('stage', 'b', 'c') });
    for (const id of ['a', 'b', 'c']) s.write(id, { stage: id });
    s.start('d');
    expect(s.task('d').error?.message).toContain('b and c wrote it');
  });
});

describe('writes', () => {
  it('that name no declared variable, or do not fit its merge, fail the attempt', () => {
    const s = scenario({ a: [], b: [], c: [] });
    s.write('a', { totl: 1 });
    s.write('b', { total: 'many' });
    s.write('c', {});
    expect([s.task('a').error, s.task('b').error, s.task('c').error]).toEqual([
      {
        code: 'variables/undeclared',
        message:
          "a writes a variable, but the tree declares no variable 'totl'; did you mean 'total'?. Mend it in a copy of the tree",
        retryable: false,
      },
      {
        code: 'variables/invalid',
        message:
          "b writes a variable, but the variable 'total' is merged by sum, which takes a number. Mend it in a copy of the tree",
        retryable: false,
      },
      undefined,
    ]);
  });

  it('may be said by the definition: set, over the outputs, the inputs and what was seen', () => {
    const s = scenario({
      a: { set: { total: '${{ output.count }}', log: ['${{ task.key }}', 'x'] } },
      b: { dependencies: ['a'], set: { total: '${{ deps.a.count }}', stage: '${{ vars.total }}' } },
      g: { group: true, set: { log: '${{ output.m }}' } },
      m: { parentId: 'g' },
      c: reads('total', 'b'),
      d: reads('stage', 'b'),
      e: reads('log', 'a', 'g'),
    });
    s.complete('a', { count: 3 });
    s.complete('b');
    s.complete('m', ['y']);
    expect([seenBy(s, 'c'), seenBy(s, 'd'), seenBy(s, 'e')]).toEqual([6, 3, ['a', 'x', 'y']]);
  });

  it('that can not be resolved fail the task', () => {
    const s = scenario({ a: { set: { total: '${{ output.none }}' } }, b: { set: { total: '${{ output.text }}' } } });
    s.complete('a', { count: 3 });
    s.complete('b', { text: 'three' });
    expect([s.task('a').error?.code, s.task('b').error?.code]).toEqual(['set/unresolved', 'variables/invalid']);
  });

  it('win over what the executor says of the same variable', () => {
    const s = scenario({ a: { set: { stage: 'set' } }, b: reads('stage', 'a') });
    s.write('a', { stage: 'patch', total: 1 });
    expect(seenBy(s, 'b')).toBe('set');
  });
});

describe('a run', () => {
  it('in which nobody writes has no result, and a task reads the very values of the definition', () => {
    const s = scenario({ a: { inputs: { seen: '${{ vars.log }}' } } });
    s.complete('a');
    expect([s.run.patches, s.run.result]).toEqual([undefined, undefined]);
    expect(s.log.at(-1)?.data).toEqual({});
    expect(s.task('a').input?.['seen']).toBe(s.run.variables['log']);
  });

  it('shows the fold over all tasks when it has failed or was cancelled, too', () => {
    const s = scenario({ a: [], b: [], c: [] });
    s.write('a', { total: 1 });
    s.write('b', { total: 2 });
    s.cancel();
    expect(s.run.result?.variables).toMatchObject({ total: 3 });
  });

  it('forgets what a task has written when that runs again', () => {
    const s = scenario({ a: [], b: reads('total', 'a') });
    s.write('a', { total: 1 });
    seenBy(s, 'b');
    s.complete('b');
    s.retry('start');
    expect(s.run.result).toBeUndefined();
    s.write('a', { total: 5 });
    expect(seenBy(s, 'b')).toBe(5);
    s.complete('b');
    expect(s.run.result?.variables).toMatchObject({ total: 5 });
  });

  it('that is copied keeps what the kept tasks have written, those further up among them', () => {
    const s = scenario({ a: [], b: ['a'], c: reads('total', 'b') });
    s.write('a', { total: 1 });
    s.write('b', { total: 10 });
    s.complete('c');
    const copy = new Scenario([], { definition: copyOf(s.run, 'c') });
    copy.execute();
    const [id] = copy.ids('ready');
    expect(seenBy(copy, id as string)).toBe(11);
  });

  it('folds a long chain and a wide fan without walking it again for each reader', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, at) => [`t${at}`, { ...reads('total', ...(at === 0 ? [] : [`t${at - 1}`])) }]),
    );
    const s = new Scenario(tasksOf(chain), { variables: VARIABLES, checks: false });
    s.execute();
    for (let at = 0; at < 3_000; at++) {
      expect(seenBy(s, `t${at}`)).toBe(at);
      s.write(`t${at}`, { total: 1 });
    }
  });
});
