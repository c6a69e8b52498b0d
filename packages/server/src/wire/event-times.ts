/** Instants in the payloads of events: epoch milliseconds as they are stored, ISO 8601 on the wire, each under a name of its own. */
import { isoTime } from './time.ts';

const INSTANTS = [
  { stored: 'deadlineAtMs', wire: 'deadlineAt' },
  { stored: 'dueAtMs', wire: 'dueAt' },
  { stored: 'remindAtMs', wire: 'remindAt' },
  { stored: 'drainUntilMs', wire: 'drainUntil' },
] as const;

export function timesToWire(data: object): object {
  return translated(data, { from: 'stored', to: 'wire' }, (atMs) => isoTime(atMs as number));
}

export function timesFromWire(data: object): object {
  return translated(data, { from: 'wire', to: 'stored' }, (at) => Date.parse(at as string));
}

type Side = keyof (typeof INSTANTS)[number];

/** The data itself when there is no instant in it: most events have none. */
function translated(
  data: object,
  { from, to }: { readonly from: Side; readonly to: Side },
  translate: (value: unknown) => unknown,
): object {
  let changed: Record<string, unknown> | undefined;
  for (const names of INSTANTS) {
    const value = (data as Readonly<Record<string, unknown>>)[names[from]];
    if (value === undefined) continue;
    changed ??= { ...data };
    delete changed[names[from]];
    changed[names[to]] = translate(value);
  }
  return changed ?? data;
}
