/** Checks of the lines of a run file that comes from outside. Apart from the format, so that a page can read files without schemas. */
import * as z from 'zod';
import type { RunFileChecks } from './run-file.ts';
import { strict } from './schema/strict.ts';
import { runEvent } from './wire/event.ts';
import { logLine } from './wire/observation.ts';
import { savedRunShape } from './wire/saved-run.ts';
import { count, time } from './wire/scalar.ts';

const head = z.object({ ...savedRunShape, savedAt: time });
const end = strict({
  events: count,
  logLines: count,
  hash: z.string(),
  state: strict({ hash: z.string(), by: z.string() }).exactOptional(),
});

export const RUN_FILE_CHECKS: RunFileChecks = {
  head: checkOf(head),
  event: checkOf(runEvent),
  log: checkOf(logLine),
  end: checkOf(end),
};

/** A field that this version does not know stays: an older version may have written it. */
function checkOf(schema: z.ZodType): (value: unknown) => string | undefined {
  return (value) => {
    const fault = schema.safeParse(value).error?.issues.find(({ code }) => code !== 'unrecognized_keys');
    return fault === undefined ? undefined : `${fault.path.join('.') || 'the line'}: ${fault.message}`;
  };
}
