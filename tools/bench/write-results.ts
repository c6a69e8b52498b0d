/** Keeps `bench/RESULTS.md`: the last tables of each group, with the method in front. Groups that were not measured stay. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describeMachine, type Machine } from './machine.ts';

export interface Results {
  readonly machine: Machine;
  readonly tables: readonly GroupTable[];
}

export interface GroupTable {
  readonly name: string;
  /** Markdown; begins with its heading. */
  readonly text: string;
  readonly rounds: string;
}

const HEAD = `# Results

Written by \`npm run bench -- --write\`; [README.md](README.md) says what is measured and how. What to keep in mind:

- Compare ratios of one table, never times of two: each table names the machine and its load. "missed" is against the targets, on that machine, at that load.
- Every figure is the median of its rounds, each in a fresh process after a warm-up; min–max is over rounds. A floor does the least work that the mode allows; nothing real reaches it.
- Tasks do nothing, so that only the program is measured. With work that takes milliseconds the differences vanish.
- Durable means: a start is stored before its task runs, a result before anyone sees it. \`normal\` survives the end of the process, \`full\` also a power loss.
- Ours keeps all events, projections, checks and limits on, in every mode. Creating and validating a tree is part of the time.
`;

/** Markdown comments mark the sections, so that single groups can be measured again. */
export function writeResults(file: string, results: Results): void {
  const sections = readSections(existsSync(file) ? readFileSync(file, 'utf8') : '');
  for (const { name, text, rounds } of results.tables) {
    sections.set(name, `${text}\n\nRounds: ${rounds}. ${describeMachine(results.machine)}.`);
  }
  const body = [...sections].map(([name, text]) => `<!-- group: ${name} -->\n\n${text.trim()}\n`);
  writeFileSync(file, [HEAD, ...body].join('\n'));
}

function readSections(text: string): Map<string, string> {
  const [, ...sections] = text.split(/^<!-- group: /m);
  return new Map(
    sections.map((section) => {
      const [name = '', rest = ''] = section.split(' -->\n', 2);
      return [name, rest];
    }),
  );
}
