/**
 * Text of others in places where the editor reads marks. Notifications make links of `[text](target)`, also links that run
 * commands; labels make icons of `$(name)`. What a task is called, or what it failed with, is to be read and nothing else.
 */

/** For notifications and their progress: links stay text. */
export function inNotification(text: string): string {
  return text.replaceAll('](', '] (');
}

/** For code lenses, quick picks and tests: icons stay text. */
export function inLabel(text: string): string {
  return text.replaceAll('$(', String.raw`\$(`);
}
