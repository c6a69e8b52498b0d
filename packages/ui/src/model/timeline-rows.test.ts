import { applyEvent, createRunView, foldEvents } from '@coppice/client';
import type { RunEvent } from '@coppice/protocol';
import { expect, it } from 'vitest';
import { logOf } from './run.fixture.ts';
import type { Happening } from './run.fixture.ts';
import { TimelineRows } from './timeline-rows.ts';

const MEMBERS = 1000;

/** A run whose multiplied task gets its members while it runs; `isMultiplied`: the group says so. */
function growing(isMultiplied: boolean): readonly RunEvent[] {
  const events = logOf({ root: [null], images: ['root'], image: ['images'], index: ['root', 'images'] }, [
    ['TaskOpened', 'root', { ready: ['images'] }],
  ]);
  const [created, ...rest] = events as [Extract<RunEvent, { type: 'TreeCreated' }>, ...RunEvent[]];
  const { definition } = created.data;
  const [root, images, image, index] = definition.tasks as [object, object, object, object];
  const group = isMultiplied ? { ...images, multiplier: { kind: 'forEach' } } : images;
  const tasks = [root, group, index];
  const added = Array.from({ length: MEMBERS }, (_, at) => ({ ...image, id: `image-${at}`, name: `image ${at}` }));
  const happening: Happening = ['TaskOpened', 'images', { added, ready: added.map(({ id }) => id) }];
  const opened = { treeId: 't', seq: events.length + 1, at: rest.at(-1)?.at, v: 1, type: happening[0] };
  return [
    { ...created, data: { ...created.data, definition: { ...definition, tasks } } } as unknown as RunEvent,
    ...rest,
    { ...opened, taskId: happening[1], data: happening[2] } as unknown as RunEvent,
  ];
}

/** Rows before and after the last event, as a view takes it in. */
function grown(events: readonly RunEvent[]) {
  const view = createRunView();
  for (const event of events.slice(0, -1)) applyEvent(view, event);
  const rows = new TimelineRows();
  rows.begin(view, undefined);
  rows.show(view);
  const before = rows.list.map(({ task }) => task.id);
  view.changed.clear();
  applyEvent(view, events.at(-1) as RunEvent);
  const isOther = rows.takeIn([...view.changed], view);
  return { rows, view, before, isOther, after: rows.list.map(({ task }) => task.id) };
}

it('members that come while the run goes on are rows at once (R-RO-10)', () => {
  const { before, after, isOther } = grown(growing(false));
  expect(before).toEqual(['root', 'images', 'index']);
  expect(isOther).toBe(true);
  expect(after).toHaveLength(3 + MEMBERS);
  expect(after.slice(0, 4)).toEqual(['root', 'images', 'image-0', 'image-1']);
});

it('a thousand copies of one task are one row, which opens as a list (R-RO-10)', () => {
  const { rows, view, after } = grown(growing(true));
  expect(after).toEqual(['root', 'images', 'index']);
  rows.fold('images', false, view);
  expect(rows.list).toHaveLength(3 + MEMBERS);
  // It stays as the person left it, whatever changes.
  expect(rows.takeIn([...view.tasks.values()], view)).toBe(false);
  expect(rows.list).toHaveLength(3 + MEMBERS);
});

it('opens what hides a task, and keeps what a person had folded', () => {
  const view = foldEvents(growing(true));
  const rows = new TimelineRows();
  rows.begin(view, ['images']);
  rows.show(view);
  expect(rows.indexOf('image-7')).toBe(-1);
  const task = view.tasks.get('image-7');
  expect(task && rows.reveal(task, view)).toBe(2 + 7);
});
