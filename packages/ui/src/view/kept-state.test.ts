import { expect, it } from 'vitest';
import { isKeptGraph, keptLook } from './kept-state.ts';

const kept = { treeId: 'a', collapsed: [] };

it.each([
  ['a graph that was moved', { ...kept, viewport: { k: 1, x: 0, y: 0 } }, true],
  ['one that is fitted', kept, true],
  ['a broken place', { ...kept, viewport: {} }, false],
  ['no place', { ...kept, viewport: null }, false],
  ['no tree', { collapsed: [] }, false],
  ['nothing', null, false],
])('takes only what it has stored itself: %s', (_what, state, isTaken) => {
  expect(isKeptGraph(state)).toBe(isTaken);
});

it('knows which picture was chosen, and takes the flow for anything else', () => {
  expect(keptLook({ ...kept, look: 'tree' })).toBe('tree');
  for (const state of [{ look: 'flow' }, { look: 7 }, kept, null, undefined, 'tree'])
    expect(keptLook(state)).toBe('flow');
});
