/** Text of a thrown value, for a log line. The value may be anything, even an object whose getters throw. */
export function errorText(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown);
  } catch {
    return 'something that has no description';
  }
}
