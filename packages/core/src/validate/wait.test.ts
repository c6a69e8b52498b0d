import { expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { definitionOf, linesOf } from './validation.fixture.ts';

const tree = (task: Partial<TaskSubmission>): TaskSubmission[] => [{ id: 'r' }, { id: 'w', parentId: 'r', ...task }];

it.each<[Partial<TaskSubmission>, string]>([
  [{ wait: {} }, "wait: Task 'w' waits for nothing"],
  [{ wait: { forMs: 5, signal: 'go' } }, "wait: Task 'w' waits for for and signal, and can only wait for one"],
  [{ wait: { forMs: -1 } }, "wait.forMs: Task 'w' has for -1, which is no duration"],
  [{ wait: { forMs: 'soon' } }, `wait.forMs: Task 'w' has for "soon", which is no duration`],
  [{ wait: { until: 'tomorrow' } }, "wait.until: Task 'w' has until 'tomorrow', which is no time"],
  [{ wait: { forMs: 5, schema: {} } }, "wait.schema: Task 'w' has schema, which only a wait for a signal can have"],
  [{ wait: { signal: '' } }, "wait.signal: Task 'w' waits for a signal whose name can not be used"],
  [{ wait: { signal: 'a${{ 1 }}' } }, "wait.signal: Task 'w' waits for a signal whose name can not be used"],
  [{ wait: { signal: 'approval' } }, "wait.signal: Task 'w' waits for 'approval', which is a signal of Coppice itself"],
  [
    { wait: { signal: 'coppice.x' } },
    "wait.signal: Task 'w' waits for 'coppice.x', which is a signal of Coppice itself",
  ],
  [
    { wait: { signal: 'go', onTimeout: 'default', timeoutMs: 5 } },
    "wait.onTimeout: Task 'w' has onTimeout: default, and no default",
  ],
  [{ wait: { signal: 'go', default: 5 } }, "wait.default: Task 'w' has a default that is never used"],
  [
    { wait: { signal: 'go', onTimeout: 'fail' } },
    "wait.onTimeout: Task 'w' says what happens after a time-out, and has none",
  ],
  [
    { wait: { signal: 'go', timeoutMs: 5, deadline: '2030-01-01T00:00:00Z' } },
    "wait.deadline: Task 'w' has a timeout and a deadline",
  ],
  [
    { wait: { signal: 'go', timeoutMs: 5, onTimeout: 'default', default: 'x', schema: { type: 'number' } } },
    "wait.default: Task 'w' has a default that its schema does not allow: must be number, not string",
  ],
  [
    { wait: { signal: 'go', schema: { type: 'nonsense' } } },
    "wait.schema: Task 'w' has a schema that is no JSON Schema: there is no type nonsense",
  ],
  [
    { wait: { signal: 'go', reminderMs: 5 } },
    "wait.reminderMs: Task 'w' has reminderMs 5, which must be a number from 1000 to 3155760000000",
  ],
  [{ wait: { forMs: 5 }, approval: {} }, "approval: Task 'w' has a wait and an approval, which is a wait of its own"],
  [{ wait: { forMs: 5 }, executor: 'work' }, "wait: Task 'w' has an executor and a wait, but a task does one thing"],
  [{ approval: {}, executor: 'work' }, "approval: Task 'w' has an executor and an approval, but a task does one thing"],
  [{ approval: { form: { type: 'string' } } }, "approval.form: Task 'w' has a form that is no object"],
  [{ approval: { approvers: [] } }, "approval.approvers: Task 'w' has a list of approvers that can not be used"],
  [{ approval: { title: '' } }, "approval.title: Task 'w' has a title of 0 characters"],
  [
    { approval: { timeoutMs: 5, onTimeout: 'approve', form: { type: 'object', required: ['x'] } } },
    "approval.form.x: Task 'w' is approved when nobody answers, and then its form has no defaults for all that it requires: x 'x' is required",
  ],
  [
    { approval: { title: '${{ !! }}' } },
    "approval.title: Task 'w' has a malformed expression at offset 0: unexpected token",
  ],
  [
    { approval: { text: '${{ deps.none }}' } },
    "approval.text: Task 'w' reads deps.none, but 'none' is not one of its dependencies",
  ],
  [
    { approval: {}, policies: { timeoutMs: 5 } },
    "policies.timeoutMs: Task 'w' waits, so it can have no policies.timeoutMs",
  ],
  [{ approval: {}, inputs: { x: 1 } }, "inputs: Task 'w' waits, so it can have no inputs"],
  [{ approval: {}, port: 'x' }, "port: Task 'w' waits, so it can have no port"],
  [{ approval: {}, capabilities: ['gpu'] }, "capabilities: Task 'w' waits, so it can have no capabilities"],
])('refuses %j (R-TV-04)', (task, line) => {
  expect(linesOf(tree(task))).toEqual([expect.stringContaining(`tree/invalid tasks.1.${line}`)]);
});

it('lets edges ask for the ports of an approval, and for no other', () => {
  const ask = (port: string, source: Partial<TaskSubmission>): TaskSubmission[] => [
    ...tree(source),
    { id: 'b', parentId: 'r', executor: 'work', dependencies: [{ task: 'w', port }] },
  ];
  for (const port of ['approved', 'rejected']) expect(definitionOf(ask(port, { approval: {} })).tasks).toHaveLength(3);
  expect(linesOf(ask('maybe', { approval: {} }))).toEqual([
    "tree/invalid tasks.2.dependencies.0.port: Task 'b' expects port 'maybe' of 'w', which waits and does not end on it",
  ]);
  expect(linesOf(ask('approved', { wait: { forMs: 5 } }))).toHaveLength(1);
});

it('states the kind, and the primary port of an approval', () => {
  const [, wait] = definitionOf(tree({ wait: { forMs: 5 } })).tasks;
  const [, approval] = definitionOf(tree({ approval: {} })).tasks;
  expect(wait).toMatchObject({ kind: 'wait', wait: { forMs: 5 } });
  expect(wait).not.toHaveProperty('port');
  expect(approval).toMatchObject({ kind: 'wait', approval: {}, port: 'approved' });
});
