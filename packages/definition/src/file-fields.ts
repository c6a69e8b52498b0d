/** The fields of a definition file itself: its version, its name, and none that there is not. */
import { unknownField } from '@coppice/protocol';
import { isFields } from './fields.ts';
import type { BuildProblem } from './build-state.ts';

/** Fields of the file itself; fields starting with `x-` are free, e.g. to hold YAML anchors. */
const FILE_FIELDS = [
  '$schema',
  'version',
  'name',
  'description',
  'tasks',
  'inputs',
  'outputs',
  'variables',
  'policies',
] as const;

/** The only version of the file format. */
const VERSION = 1;

const NO_DEFINITION = 'Expected a definition: a map with "version: 1" and "tasks".';

/** `file`: the name of the file in places. */
export function fileProblems(file: string, value: unknown): readonly BuildProblem[] {
  if (!isFields(value)) return [{ file, path: [], message: NO_DEFINITION }];
  const found: BuildProblem[] = [];
  const { version, name } = value;
  for (const field of Object.keys(value)) {
    if (!FILE_FIELDS.some((known) => known === field) && !field.startsWith('x-'))
      found.push({ file, path: [field], message: unknownField(field, FILE_FIELDS), part: 'key' });
  }
  if (version === undefined)
    found.push({ file, path: [], message: 'The version of the format is missing. Add "version: 1".' });
  else if (version !== VERSION) {
    const message = `Version ${JSON.stringify(version)} is unknown. This Coppice reads version 1.`;
    found.push({ file, path: ['version'], message });
  }
  if (name !== undefined && typeof name !== 'string') found.push({ file, path: ['name'], message: 'Expected a text.' });
  return found;
}
