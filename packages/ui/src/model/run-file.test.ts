import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRunFile, runFileText } from './run-file.ts';
import { logOf, runEvents } from './run.fixture.ts';

it('gives back what was saved', () => {
  fc.assert(
    fc.property(runEvents(), (events) => {
      expect(parseRunFile(runFileText(events))).toEqual(events);
    }),
  );
});

it.each([
  ['null', /no Coppice run/],
  ['{}', /no Coppice run/],
  ['{"format":"coppice-run","version":2,"events":[]}', /another version \(2\)/],
  ['{"format":"coppice-run","version":1,"events":[]}', /Events are missing/],
  ['{"format":"coppice-run","version":1,"events":[null]}', /Events are missing/],
  ['not json', /JSON/],
])('refuses %s', (text, reason) => {
  expect(() => parseRunFile(text)).toThrow(reason);
});

it('refuses a log with a gap', () => {
  const events = logOf({ root: [null], a: ['root'] }, [['TaskOpened', 'root', {}]]);
  expect(() => parseRunFile(runFileText([...events.slice(0, 1), ...events.slice(2)]))).toThrow(/Events are missing/);
});
