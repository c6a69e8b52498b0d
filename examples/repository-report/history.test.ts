import { expect, it } from 'vitest';
import { summarizeHistory } from './history.ts';

it('counts commits by author, week, day and hour, and changes by file', () => {
  const summary = summarizeHistory({
    commits: '4\n',
    shallow: 'true\n',
    authors: '     3\tAda\n     1\tGrace Hopper\n',
    times: '2026-W47 5 13\n2026-W47 5 12\n2026-W46 1 13\n2026-W45 7 13\n',
    changes: '\na.ts\nb.ts\n\nb.ts\n\nb.ts\na.ts\nc.ts\n',
  });
  expect(summary).toEqual({
    commits: 4,
    isShallow: true,
    authors: [
      { name: 'Ada', count: 3 },
      { name: 'Grace Hopper', count: 1 },
    ],
    weeks: [
      { name: '2026-W47', count: 2 },
      { name: '2026-W46', count: 1 },
      { name: '2026-W45', count: 1 },
    ],
    days: [
      { name: 'Friday', count: 2 },
      { name: 'Monday', count: 1 },
      { name: 'Sunday', count: 1 },
    ],
    hours: [
      { name: '13', count: 3 },
      { name: '12', count: 1 },
    ],
    hotFiles: [
      { name: 'b.ts', count: 3 },
      { name: 'a.ts', count: 2 },
      { name: 'c.ts', count: 1 },
    ],
  });
});
