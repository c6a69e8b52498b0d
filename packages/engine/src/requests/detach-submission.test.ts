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
