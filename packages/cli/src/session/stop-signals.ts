/** How a process is asked to stop: Ctrl-C, a supervisor, and a terminal or connection that is gone. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** True for a signal that insists when it comes again. A hang-up comes twice by itself: from the system and from the shell. */
export function insists(signal: NodeJS.Signals): boolean {
  return signal !== 'SIGHUP';
}
