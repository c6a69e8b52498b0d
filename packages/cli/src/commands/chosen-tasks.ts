/** Tasks of a definition that a person names: `coppice run FILE build test`. */
import type { Definition } from '@coppice/definition';
import { plain } from '../output/harmless.ts';
import { UsageError } from '../output/report-error.ts';

const NAMED_MAX = 20;

/** Ids (or names, where there are no ids) by which the submission knows the tasks; undefined: nobody named any. */
export function chosenTasks({ file, params }: Definition, names: readonly string[]): readonly string[] | undefined {
  if (names.length === 0) return undefined;
  return names.map((wanted) => {
    const byKey = params.tasks.find(({ id, name }) => (id ?? name) === wanted);
    if (byKey !== undefined) return wanted;
    const byName = params.tasks.filter(({ name }) => name === wanted).map(({ id, name }) => id ?? name ?? '');
    if (byName.length === 1) return byName[0] ?? '';
    if (byName.length > 1)
      throw new UsageError(`"${plain(wanted)}" is ambiguous in ${file}. Name one of:`, byName.map(plain));
    const known = params.tasks.slice(1).map(({ id, name }) => plain(id ?? name ?? ''));
    const more = known.length > NAMED_MAX ? ` and ${known.length - NAMED_MAX} more` : '';
    throw new UsageError(
      `There is no task "${plain(wanted)}" in ${file}. It has ${known.slice(0, NAMED_MAX).join(', ')}${more}.`,
    );
  });
}
