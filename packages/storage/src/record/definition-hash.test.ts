import { describe, expect, it } from 'vitest';
import { validateTree, type TreeDefinition, type TreeId, type TreeSubmission } from '@coppice/core';
import { definitionHash } from './definition-hash.ts';

function define(submission: TreeSubmission, treeId: string): TreeDefinition {
  const defined = validateTree(submission, {
    treeId: treeId as TreeId,
    expressions: { check: () => undefined, evaluate: () => null },
    executorTypes: ['work'],
    backoffs: new Set(),
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

  it('differs with the inputs and with the dependencies', () => {
    const hash = definitionHash(define(tree({ a: 1 }), 'one'));
    expect(definitionHash(define(tree({ a: 2 }), 'one'))).not.toBe(hash);
    expect(definitionHash(define(tree({ a: 1 }, 'c'), 'one'))).not.toBe(hash);
  });
});
