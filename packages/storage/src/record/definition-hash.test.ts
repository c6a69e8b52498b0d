import { describe, expect, it } from 'vitest';
import { NO_SCHEMAS, validateTree, type TreeDefinition, type TreeId, type TreeSubmission } from '@coppice/core';
import { definitionHash } from './definition-hash.ts';

function define(submission: TreeSubmission, treeId: string): TreeDefinition {
  const defined = validateTree(submission, {
    treeId: treeId as TreeId,
    expressions: { check: () => undefined, reads: () => [], evaluate: () => null },
    executorTypes: ['work'],
    backoffs: new Set(),
    schemas: NO_SCHEMAS,
    findExecutor: () => ({ checkInputs: () => [] }),
  });
  if (!defined.ok) throw new Error(defined.rejection.message);
  return defined.value;
}

const tree = (inputs: TreeSubmission['inputs'], source = 'a'): TreeSubmission => ({
  tasks: [
    { name: 'root' },
    { name: 'a', parentId: 'root', executor: 'work', inputs: { nested: { x: 1, y: [{ p: 1, q: 2 }] }, z: 1 } },
    { name: 'c', parentId: 'root', executor: 'work' },
    { name: 'b', parentId: 'root', executor: 'work', dependencies: [source] },
  ],
  inputs,
});

describe('definitionHash (R-SN-07)', () => {
  it('is the same for the same tree under other ids, and whatever the order of keys', () => {
    const swapped = tree({ b: 2, a: 1 });
    const task = {
      name: 'a',
      parentId: 'root',
      executor: 'work',
      inputs: { z: 1, nested: { y: [{ q: 2, p: 1 }], x: 1 } },
    };
    const other = { ...swapped, tasks: swapped.tasks.map((each) => (each.name === 'a' ? task : each)) };
    expect(definitionHash(define(other, 'two'))).toBe(definitionHash(define(tree({ a: 1, b: 2 }), 'one')));
  });

  it('is the same for a tree whose ids were given, and for a copy with outcomes that it carries over', () => {
    const plain = define(tree({ a: 1 }), 'one');
    const hash = definitionHash(plain);
    const given = { inputs: { a: 1 }, tasks: tree({}).tasks.map((task) => ({ ...task, id: task.name as string })) };
    expect(definitionHash(define(given, 'root'))).toBe(hash);
    const settled = { status: 'completed', attempt: 1, output: 1, reused: true } as const;
    const tasks = plain.tasks.map((task, index) => ({
      ...task,
      ...(index % 2 === 0 ? { originalTaskId: task.id } : { settled }),
    }));
    expect(definitionHash({ ...plain, tasks })).toBe(hash);
  });

  it('differs with the inputs and with the dependencies', () => {
    const hash = definitionHash(define(tree({ a: 1 }), 'one'));
    expect(definitionHash(define(tree({ a: 2 }), 'one'))).not.toBe(hash);
    expect(definitionHash(define(tree({ a: 1 }, 'c'), 'one'))).not.toBe(hash);
  });
});
