import type { Json, JsonObject } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from '../run/run.fixture.ts';
import { linesOf, validate } from '../validate/validation.fixture.ts';
import type { Declares, DeclaredInputs } from './declared-inputs.ts';

const inputs: DeclaredInputs = {
  region: { type: 'string', enum: ['eu', 'us'], required: true },
  count: { type: 'integer', minimum: 1, maximum: 5, default: 2 },
  names: { type: 'array', items: { type: 'string', maxLength: 3 } },
  any: {},
};
const task = { id: 'root', executor: 'work' };

function problems(values: JsonObject, isExecuted = true): readonly string[] {
  const outcome = validate([task], { declares: { inputs }, inputs: values, isExecuted });
  return outcome.ok ? [] : (outcome.rejection.errors ?? []).map(({ path, reason }) => `${path.join('.')}: ${reason}`);
}

describe('declared inputs', () => {
  it('take what fits, with defaults for what is not given', () => {
    expect(problems({ region: 'eu', names: ['a', 'bcd'], any: { x: 1 } })).toEqual([]);
    const outcome = validate([task], { declares: { inputs }, inputs: { region: 'eu' } });
    expect(outcome.ok && outcome.value.inputs).toEqual({ region: 'eu', count: 2, names: null, any: null });
  });

  it('refuse everything that does not fit, with its place', () => {
    expect(problems({ region: 'eus', count: 9, names: ['abcd', 1], regoin: 'eu' })).toMatchInlineSnapshot(`
      [
        "inputs.regoin: The tree is given inputs that do not fit: there is no input 'regoin'; did you mean 'region'?",
        "inputs.region: The tree is given inputs that do not fit: the input 'region' is eus, and must be one of eu, us; did you mean 'eu'?",
        "inputs.count: The tree is given inputs that do not fit: the input 'count' is 9, and must be at most 5",
        "inputs.names.0: The tree is given inputs that do not fit: item 0 of the input 'names' has 4 characters, and must have at most 3",
        "inputs.names.1: The tree is given inputs that do not fit: item 1 of the input 'names' is a number, and must be text",
      ]
    `);
    expect(problems({ region: 7, count: 1.5, names: 'a' })).toMatchInlineSnapshot(`
      [
        "inputs.region: The tree is given inputs that do not fit: the input 'region' is a number, and must be text",
        "inputs.count: The tree is given inputs that do not fit: the input 'count' is a number, and must be a whole number",
        "inputs.names: The tree is given inputs that do not fit: the input 'names' is text, and must be a list",
      ]
    `);
  });

  it('refuse what is required and missing when the run begins, not when a tree is stored for later', () => {
    expect(problems({})).toEqual([
      "inputs.region: The tree is given inputs that do not fit: the input 'region' is required and was not given",
    ]);
    expect(problems({}, false)).toEqual([]);
  });

  it('are refused themselves when nothing can fit them', () => {
    const declares: Declares = {
      inputs: { a: { enum: [] }, b: { type: 'string', default: 7 }, c: { type: 'number', enum: [1, 'x'] } },
    };
    expect(linesOf([task], { declares })).toMatchInlineSnapshot(`
      [
        "task/invalid-inputs declares.inputs.a.enum: The tree is given inputs that do not fit: the input 'a' can have no value at all: its enum is empty",
        "task/invalid-inputs declares.inputs.b.default: The tree is given inputs that do not fit: the default: the input 'b' is a number, and must be text",
        "task/invalid-inputs declares.inputs.c.enum.1: The tree is given inputs that do not fit: the input 'c' is text, and must be a number",
      ]
    `);
  });

  it('are what a later start and a retry are checked against, too', () => {
    const s = new Scenario(tasksOf({ a: { inputs: { seen: '${{ inputs.region }}${{ inputs.count }}' } } }), {
      declares: { inputs },
    });
    expect(s.refused({ type: 'execute' }).message).toBe(
      "The run can not begin: the input 'region' is required and was not given",
    );
    expect(s.refused({ type: 'execute', inputs: { region: 'mars', count: 0 } }).errors).toHaveLength(2);
    s.when({ type: 'execute', inputs: { region: 'us' } });
    s.start('a');
    expect(s.task('a').input).toEqual({ seen: 'us2' });
    s.complete('a');
    expect(s.refused({ type: 'retry', mode: 'start', inputs: { count: 7 } }).code).toBe('task/invalid-inputs');
    s.retry('start', { inputs: { count: 5 } });
    s.start('a');
    expect(s.task('a').input).toEqual({ seen: 'us5' });
  });
});

describe('declared outputs', () => {
  const declares = (value: Json): Declares => ({ outputs: { url: { value } } });
  const tasks = tasksOf({ a: [], b: ['a'] });

  it('are worked out when the run has completed, over the members of the root, inputs and variables', () => {
    const s = new Scenario(tasks, {
      declares: declares('${{ deps.b.url }}/${{ inputs.who }}/${{ vars.v }}'),
      inputs: { who: 'ann' },
      variables: { v: 1 },
    });
    s.execute();
    s.complete('a');
    s.write('b', { v: 2 }, { url: 'x' });
    expect(s.run.result).toEqual({ variables: { v: 2 }, outputs: { url: 'x/ann/2' } });
  });

  it('fail the run when they can not be worked out', () => {
    const s = new Scenario(tasks, { declares: declares('${{ deps.b.url }}') });
    s.execute();
    s.complete('a');
    s.complete('b', {});
    expect([s.run.status, s.run.error?.code]).toEqual(['failed', 'outputs/unresolved']);
  });

  it('are none of a run that failed, or that executed a part', () => {
    const s = new Scenario(tasks, { declares: declares('${{ deps.a.url }}') });
    s.execute('a');
    s.complete('a', { url: 'x' });
    expect([s.run.status, s.run.result]).toEqual(['completed', undefined]);
  });

  it('are checked: names that there are not, secrets', () => {
    const lines = (value: string) => linesOf(tasks, { declares: declares(value) });
    expect([lines('${{ deps.c }}'), lines('${{ secrets.x }}')]).toMatchInlineSnapshot(`
      [
        [
          "tree/invalid declares.outputs.url.value: The tree reads deps.c, but 'c' is not one of its members",
        ],
        [
          "tree/invalid declares.outputs.url.value: The tree reads 'secrets' at offset 0, which there is not here; results of the tasks below the root are in deps, that of the root itself is output",
        ],
      ]
    `);
  });
});
