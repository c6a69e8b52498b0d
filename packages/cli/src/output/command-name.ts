/** How the reader of a message started this program. Messages advise commands, which can then be typed as they stand. */

/** `coppice`, `npx coppice` where npm found it in a project, or `npm run coppice --` in a clone of Coppice. */
export function commandName(environment: NodeJS.ProcessEnv): string {
  const { npm_lifecycle_event: script, npm_lifecycle_script: line } = environment;
  if (script === 'coppice') return 'npm run coppice --';
  return /^coppice(\s|$)/.test(line ?? '') ? 'npx coppice' : 'coppice';
}

export const COPPICE: string = commandName(process.env);
