/** What was thrown, for a log line. It may be anything, also something that throws when it is looked at. */
export function errorText(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown);
  } catch {
    return 'something that has no description';
  }
}
