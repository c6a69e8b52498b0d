/** A run as annotations of GitHub Actions: each failure that nobody handled, at its task in the definition. */
import { lastOutputLines, unhandledFailures } from '@coppice/client';
import type { RunView } from '@coppice/client';
import { messageAbove, PRINTED_LINES_DEFAULT } from '../live/printed-lines.ts';
import { plain, plainLine } from '../output/harmless.ts';

/** Where a task is defined. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** GitHub shows ten errors of a step; the others would be lost without a word. */
const ANNOTATIONS_MAX = 10;

/** Workflow commands, one line each. `placeOf` answers the place of a task by its key. */
export function githubAnnotations(view: RunView, placeOf: (key: string) => Place | undefined): readonly string[] {
  const failures = unhandledFailures(view);
  const shown = failures.slice(0, ANNOTATIONS_MAX - (failures.length > ANNOTATIONS_MAX ? 1 : 0));
  const lines = shown.map(({ definition, error }) => {
    const place = placeOf(definition.key);
    const printed = lastOutputLines({ error }, PRINTED_LINES_DEFAULT).lines.map((line) => plainLine(line.line));
    const message = [plain(messageAbove(error?.message ?? 'failed', { error })), ...printed].join('\n');
    return command(
      {
        title: `${plain(definition.name)} failed`,
        ...(place && { file: place.file, line: place.line, col: place.column }),
      },
      message,
    );
  });
  if (shown.length < failures.length) lines.push(command({}, `${failures.length - shown.length} more tasks failed.`));
  return lines;
}

function command(properties: Readonly<Record<string, string | number>>, message: string): string {
  const written = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
  return `::error${written.length === 0 ? '' : ` ${written.join(',')}`}::${escapedData(message)}`;
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
