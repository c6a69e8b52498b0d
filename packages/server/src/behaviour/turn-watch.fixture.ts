/** The most processor time that this thread has used between two turns of the event loop, ms; what is under way counts. */
export function watchTurns(): () => number {
  let worstMs = 0;
  let isWatching = true;
  let before = process.threadCpuUsage();
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    worstMs = Math.max(worstMs, (user + system) / 1_000);
    before = process.threadCpuUsage();
    if (isWatching) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    isWatching = false;
    look();
    return worstMs;
  };
}
