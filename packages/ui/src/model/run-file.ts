/** A run as a file: its events, to be looked at anywhere without a server. */
import type { RunEvent } from '@coppice/protocol';

const FORMAT = 'coppice-run';
const VERSION = 1;

interface RunFile {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly events: readonly RunEvent[];
}

export function runFileText(events: readonly RunEvent[]): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, events } satisfies RunFile, null, 1);
}

/** Throws with what is wrong with the text. */
export function parseRunFile(text: string): readonly RunEvent[] {
  const { format, version, events } = (JSON.parse(text) ?? {}) as Partial<RunFile>;
  if (format !== FORMAT || !Array.isArray(events)) throw new Error('This file holds no Coppice run.');
  if (version !== VERSION)
    throw new Error(`This run was saved by another version (${String(version)}). Save it again.`);
  const given: readonly RunEvent[] = events;
  const isWhole = given.length > 0 && given.every((event, index) => event?.seq === index + 1);
  if (!isWhole || given[0]?.type !== 'TreeCreated')
    throw new Error('Events are missing in this file. Save the run again.');
  return given;
}
