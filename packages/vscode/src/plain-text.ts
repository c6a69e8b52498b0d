/**
 * Text of others in places where the editor reads marks. Notifications make links of `[text](target)`, also links that run
 * commands; labels make icons of `$(name)`. What a task is called, or what it failed with, is to be read and nothing else.
 */

/** Text for notifications and their progress, in which links stay text. */
export function inNotification(text: string): string {
  return text.replaceAll('](', '] (');
}

/** Text for code lenses, quick picks and tests, in which icons stay text. */
export function inLabel(text: string): string {
  return text.replaceAll('$(', String.raw`\$(`);
}
