/** What the pictures keep in the browser: over a reload, and which look was chosen for every tree. */

const PREFIX = 'coppice.view.';

/** undefined: nothing is kept, or it can not be read. */
export function readKept(picture: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + picture) ?? 'null') ?? undefined;
  } catch {
    // A person may forbid pages to store anything, or change what they stored.
    return undefined;
  }
}

export function writeKept(picture: string, state: unknown): void {
  try {
    localStorage.setItem(PREFIX + picture, JSON.stringify(state));
  } catch {
    // It is forbidden, or full: the next reload begins anew.
  }
}
