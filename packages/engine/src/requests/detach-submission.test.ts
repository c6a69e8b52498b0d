import type { TreeSubmission } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { detachSubmission } from './detach-submission.ts';

describe('what a caller submits', () => {
  it('R-SC-05, R-ST-02: is copied where it could be changed, and taken as it is where it could not', () => {
    const inputs = { list: [1] };
    const plain = { name: 'b', executor: 'work', dependencies: ['a'] };
    const detached = detachSubmission({ tasks: [{ name: 'a', inputs }, plain] });
    inputs.list.push(2);
    expect(detached).toMatchObject({ ok: true, value: { tasks: [{ name: 'a', inputs: { list: [1] } }, plain] } });
  });

  it('R-SC-05: is copied once when tasks one after the other say the same, and each keeps what it says', () => {
    const first = { locks: ['x'], resources: { cpu: 1, gpu: 2 }, fallback: { output: { list: [1, null] } } };
    const others = [
      { ...first, locks: ['x', 'y'] },
      { ...first, locks: ['y', 'x'] },
      { ...first, resources: { cpu: 1 } },
      { ...first, resources: { cpu: 1, gpu: 2 } },
      { ...first, resources: { gpu: 2, cpu: 1 } },
      { ...first, fallback: { output: { list: [1, 0] } } },
      { ...first, fallback: { output: { list: { 0: 1, 1: null } } } },
      { ...first, fallback: { output: new Date(0) } },
    ] as unknown as (typeof first)[];
    const submitted = [first, structuredClone(first), ...others].map((said, at) => ({ name: `t${at}`, ...said }));
    const detached = detachSubmission({ tasks: submitted });
    const tasks = detached.ok ? detached.value.tasks : [];
    expect(JSON.stringify(tasks)).toBe(JSON.stringify(submitted));
    for (const field of ['locks', 'resources', 'fallback'] as const) {
      expect(tasks[1]?.[field]).toBe(tasks[0]?.[field]);
      expect(tasks[0]?.[field]).not.toBe(first[field]);
    }
  });

  it('is refused with its place when JSON can not carry it', () => {
    const tasks = [{ name: 'a' }, { name: 'b', inputs: { when: () => 1 } }] as unknown as TreeSubmission['tasks'];
    expect(detachSubmission({ tasks })).toMatchObject({
      ok: false,
      rejection: {
        code: 'tree/invalid',
        errors: [
          {
            path: ['tasks', 1, 'inputs', 'when'],
            reason: 'tasks.1: inputs.when is a function, which JSON can not carry',
          },
        ],
      },
    });
  });
});
