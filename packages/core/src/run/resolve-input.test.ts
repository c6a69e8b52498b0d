import type { JsonObject } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

describe('the input of an attempt (rule 4)', () => {
  it('keeps a key that is called __proto__', () => {
    const inputs = JSON.parse('{"__proto__": {"a": "${{ inputs.x }}"}}') as JsonObject;
    const scenario = new Scenario(tasksOf({ a: { inputs } }), { inputs: { x: 7 } });
    scenario.execute();
    scenario.start('a');
    expect(JSON.stringify(scenario.task('a').input)).toBe('{"__proto__":{"a":7}}');
  });

  it('holds the outputs of a group by the keys of its children', () => {
    const scenario = new Scenario(
      tasksOf({
        g: { group: true },
        g1: { parentId: 'g' },
        inner: { group: true, parentId: 'g' },
        g2: { parentId: 'inner' },
        after: ['g'],
      }),
    );
    scenario.execute();
    scenario.complete('g1', 1);
    scenario.complete('g2', [2]);
    scenario.start('after');
    expect(scenario.task('after').input).toEqual({ g: { g1: 1, inner: { g2: [2] } } });
  });
});
