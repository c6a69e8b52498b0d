/** Times in the words of a server, for people. */

const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** The same text with its times as they are written here; of today without the date. */
export function readableTimes(text: string, now = new Date()): string {
  return text.replaceAll(TIME, (found) => {
    const time = new Date(found);
    const isToday = time.toDateString() === now.toDateString();
    return isToday
      ? time.toLocaleTimeString(undefined, { timeStyle: 'medium' })
      : time.toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
  });
}
