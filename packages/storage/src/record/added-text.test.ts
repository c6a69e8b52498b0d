/** Tasks that come into a group, in the line of their event (R-EV-04): nothing is lost, and nothing is said twice. */
import { EVENT_VERSION, type EventOf, type RunEvent, type TaskDefinition, type TaskId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { eventLine, readLine } from './event-line.ts';
import { NO_CONTENT } from './large-values.ts';

const TREE = 'tree';
const GROUP = 'tree.4' as TaskId;

function copy(id: string, fields: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    id: `${GROUP}.${id}` as TaskId,
    key: `each.${id}`,
    name: `each.${id}`,
    parentId: GROUP,
    kind: 'executor',
    executor: 'work',
    inputs: {},
    dependencies: [],
    join: 'all',
    priority: 2,
    policies: {},
    allowFailure: false,
    capabilities: [],
    tags: [],
    metadata: {},
    ...fields,
  };
}

function opened(data: EventOf<'TaskOpened'>['data'], taskId = GROUP): RunEvent {
  return { type: 'TaskOpened', seq: 5, atMs: 9, taskId, attempt: undefined, data };
}

function read(line: string): unknown {
  return readLine(JSON.parse(line), { treeId: TREE, seq: 5 }, { parts: [], find: NO_CONTENT })?.data;
}

describe('R-EV-04: tasks that come into a group', () => {
  const group = copy('0', { kind: 'group', executor: undefined });
  const first = copy('0.0', {
    parentId: group.id,
    inputs: { a: '${{ item }}', given: [1, { deep: null }] },
    given: { values: { item: 'é"', index: 3 } },
    tags: ['x'],
    metadata: { owner: 'me' },
    priority: 0,
    when: 'true',
    notBeforeMs: 12,
  });
  const second = copy('0.1', {
    parentId: group.id,
    key: 'other',
    dependencies: [
      { task: first.id, ref: 'each.0.0', required: true, on: ['success'], enabled: true },
      {
        task: first.id,
        ref: 'x',
        required: false,
        on: ['failure'],
        enabled: true,
        condition: 'output == 1',
        into: 'a',
      },
    ],
  });

  it('are all there, with what they depend on and what holds them', () => {
    const data = { input: { n: 1 }, added: [group, first, second], removed: ['tree.9' as TaskId], ready: [first.id] };
    expect(read(eventLine(opened(data), TREE))).toEqual(data);
    expect(read(eventLine(opened({ added: [second, first, group] }), TREE))).toEqual({ added: [second, first, group] });
    expect(read(eventLine(opened({ added: [] }), TREE))).toEqual({ added: [] });
  });

  it('keep ids that do not follow from that of the group', () => {
    const root = TREE as TaskId;
    const ids = [`${TREE}.root.0`, 'foreign', '.dot', '\\x', `${TREE}5`] as TaskId[];
    const added = ids.map((id) => copy('0', { id, parentId: root }));
    expect(read(eventLine(opened({ added }, root), TREE))).toEqual({ added });
  });

  it('are read from lines that hold the definitions', () => {
    const plain = JSON.stringify([3, 9, '.4', null, { added: [group, first, second] }]);
    expect(EVENT_VERSION).toBeGreaterThan(1);
    expect(read(plain)).toEqual({ added: [group, first, second] });
  });

  it('take less than a third of what the definitions take', () => {
    const added = Array.from({ length: 1_000 }, (_, index) =>
      copy(String(index), { given: { values: { item: index, index } } }),
    );
    expect(eventLine(opened({ added }), TREE).length).toBeLessThan(JSON.stringify(added).length / 3);
  });
});
