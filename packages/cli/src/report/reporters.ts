/** `--reporter junit|junit=FILE|github`: what is written about a run when it has ended, beside what people see. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunView } from '@coppice/client';
import type { Definition } from '@coppice/definition';
import { UsageError } from '../output/report-error.ts';
import { githubAnnotations } from './github.ts';
import type { Place } from './github.ts';
import { junitReport } from './junit.ts';

export interface Reporters {
  /** True when the report is what standard output is for; all else belongs to standard error then. */
  readonly ownsOutput: boolean;
  readonly report: (view: RunView) => Promise<void>;
}

const FORMS = 'junit (to standard output), junit=FILE, github';

/** Throws a UsageError for a reporter that there is not, or two that want the same place. */
export function chooseReporters(names: readonly string[], definition: Definition, isJson: boolean): Reporters {
  const reports: ((view: RunView) => Promise<void>)[] = [];
  let ownsOutput = false;
  for (const reporter of names) {
    const [name = '', ...rest] = reporter.split('=');
    const file = rest.length === 0 ? undefined : rest.join('=');
    if (name === 'github' && file === undefined) {
      if (isJson)
        throw new UsageError('--reporter github writes to standard output, and so does --json. Use one of them.');
      reports.push((view) => Promise.resolve(print(githubAnnotations(view, (key) => placeIn(definition, key)))));
    } else if (name === 'junit' && file !== '') {
      if (file === undefined && isJson)
        throw new UsageError('--json takes standard output: name a file, --reporter junit=FILE.');
      ownsOutput ||= file === undefined;
      reports.push((view) => writeReport(file, junitReport(view)));
    } else throw new UsageError(`--reporter ${reporter}: there is no such reporter. There are: ${FORMS}.`);
  }
  if (ownsOutput && names.some((name) => name === 'github')) {
    throw new UsageError('--reporter github writes to standard output too: name a file, --reporter junit=FILE.');
  }
  return {
    ownsOutput,
    report: async (view) => {
      for (const report of reports) await report(view);
    },
  };
}

async function writeReport(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) process.stdout.write(text);
  else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function placeIn(definition: Definition, key: string): Place | undefined {
  const { file, params } = definition;
  const index = params.tasks.findIndex(({ id, name }) => (id ?? name) === key);
  if (index === -1 || file === '-') return undefined;
  const [found] = definition.problemsOf([{ path: ['tasks', index], reason: '' }]);
  return found === undefined ? undefined : { file: found.file, line: found.line, column: found.column };
}
