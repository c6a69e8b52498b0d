import { foldEvents } from '@coppice/client';
import type { TaskView } from '@coppice/client';
import { describe, expect, it } from 'vitest';
import { logOf } from './run.fixture.ts';
import type { Happening } from './run.fixture.ts';
import { answeredText, waitFacts } from './wait-facts.ts';

const FORM = { type: 'object', properties: { topic: { type: 'string' } } };

/** A task after these events; `definition`: what its work is. */
function taskAfter(definition: Partial<TaskView['definition']>, happenings: readonly Happening[]): TaskView {
  const task = foldEvents(logOf({ root: [null], a: ['root'] }, happenings)).tasks.get('a') as TaskView;
  return { ...task, definition: { ...task.definition, ...definition } };
}

const wait = (input: object, signal: string | undefined = 'approval'): Happening => [
  'WaitStarted',
  'a',
  { input, ...(signal === undefined ? {} : { signal }) },
];

describe('what a task waits for (R-SN-01)', () => {
  it('is an approval, with its words, those who may answer, and its form', () => {
    const input = { title: 'Ship it?', text: 'Version 2', approvers: ['anna', 'ben'], form: FORM };
    const facts = waitFacts(taskAfter({ approval: {} }, [wait(input)]));
    expect(facts).toMatchObject({ isApproval: true, title: 'Ship it?', text: 'Version 2' });
    expect(facts?.facts).toBe('May be answered by anna, ben, or an admin.');
    expect(facts?.factsOfOthers).toBe('Only anna, ben, or an admin, may answer.');
    expect(facts?.fields.map(({ name }) => name)).toEqual(['topic']);
  });

  it('is an approval without a form, which has no fields', () => {
    expect(waitFacts(taskAfter({ approval: {} }, [wait({})]))).toMatchObject({ title: 'a', text: '', fields: [] });
  });

  it('is a signal, whose payload is one field where nothing says more', () => {
    const facts = waitFacts(taskAfter({ wait: { signal: 'go' } }, [wait({ signal: 'go' }, 'go')]));
    expect(facts?.facts).toBe('Waits for the signal go. May be answered by the owner of the tree, or an admin.');
    expect(facts?.fields).toMatchObject([{ name: undefined, label: 'Payload' }]);
  });

  it('is nothing to answer for a time alone, and after the end', () => {
    const time: Happening = ['WaitStarted', 'a', { input: { forMs: 5 }, dueAt: '2026-11-20T13:00:00.000Z' }];
    expect(waitFacts(taskAfter({ wait: { forMs: 5 } }, [time]))).toBeUndefined();
    const ended = taskAfter({ approval: {} }, [wait({}), ['TaskCompleted', 'a', { output: {} }]]);
    expect(waitFacts(ended)).toBeUndefined();
  });

  it('is told afterwards: who answered, and when nobody did', () => {
    const by = { userId: 'anna', face: 'cli' };
    const after = (output: object): string =>
      answeredText(taskAfter({ approval: {} }, [wait({}), ['TaskCompleted', 'a', { output }]]));
    expect(after({ approved: true, by, comment: 'fine' })).toBe('Approved by anna: fine');
    expect(after({ approved: false, by, comment: null })).toBe('Rejected by anna.');
    expect(after({ approved: false, by: null, comment: null })).toBe('Rejected because nobody answered in time.');
    expect(answeredText(taskAfter({ approval: {} }, [wait({})]))).toBe('');
  });
});
