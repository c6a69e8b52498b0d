/** Takes the named function out of an imported module. Imports nothing at run time, so that the worker thread starts fast. */

export type TaskFunction = (args: unknown, ctx: unknown) => unknown;

/** Answers the function, or what is wrong, to follow the module's name. */
export function pickFunction(
  exports: Readonly<Record<string, unknown>>,
  name: string,
): { readonly fn: TaskFunction } | { readonly problem: string } {
  const value = Object.hasOwn(exports, name) ? exports[name] : undefined;
  if (typeof value === 'function') return { fn: value as TaskFunction };
  const functions = Object.keys(exports)
    .filter((key) => typeof exports[key] === 'function')
    .sort();
  const offered = functions.length === 0 ? 'it exports no functions' : `its functions: ${functions.join(', ')}`;
  const what = value === undefined ? `exports no "${name}"` : `exports "${name}" as ${typeof value}, not as a function`;
  return { problem: `${what}; ${offered}` };
}
