/** Checks the members of contributed objects. Without the check, a misspelt member would be accepted and never called. */
import { createSuggest, didYouMean, type Executor, type Hook } from '@coppice/core';
import type { ExtensionError } from './extension-error.ts';

type Refuse = (problem: string) => ExtensionError;

/** The methods and fields of a hook. */
const HOOK_METHODS = [
  'beforeAttempt',
  'afterAttempt',
  'treeCreated',
  'runStarted',
  'runEnded',
  'breakerChanged',
] as const satisfies readonly (keyof Hook)[];
const HOOK_MEMBERS: readonly string[] = ['name', 'order', ...HOOK_METHODS];

export const EXECUTOR_MEMBERS: readonly string[] = [
  'type',
  'description',
  'input',
  'output',
  'ports',
  'effects',
  'onCrash',
  'concurrency',
  'capabilities',
  'example',
  'execute',
  'cancel',
  'close',
] as const satisfies readonly (keyof Executor)[];

/** Refuses a hook with wrong methods or fields. */
export function checkHook(hook: object, refuse: Refuse): void {
  checkMembers(hook, HOOK_MEMBERS, refuse);
  const fields = hook as Readonly<Record<string, unknown>>;
  const name = String(fields['name']);
  const known = HOOK_METHODS.join(', ');
  if (isPlain(hook)) {
    const stranger = Object.keys(hook).find((member) => !HOOK_MEMBERS.includes(member));
    if (stranger !== undefined)
      throw refuse(`"${name}" has the unknown member "${stranger}". A hook can have: ${known}`);
  }
  const wrong = HOOK_METHODS.find((method) => !['function', 'undefined'].includes(typeof fields[method]));
  if (wrong !== undefined) throw refuse(`"${wrong}" of "${name}" must be a function`);
  const { order } = fields;
  if (order !== undefined && (typeof order !== 'number' || Number.isNaN(order)))
    throw refuse(`"order" of "${name}" must be a number`);
}

/** Refuses an object with a member whose name is similar to a known name. Other unknown members are allowed. */
export function checkMembers(value: object, members: readonly string[], refuse: Refuse): void {
  const suggest = createSuggest(members);
  for (const member of membersOf(value)) {
    if (members.includes(member)) continue;
    const hint = suggest(member);
    if (hint !== undefined) throw refuse(`it has the unknown member "${member}"${didYouMean(hint)}`);
  }
}

/** The own and the inherited members, without those that every object has. */
function membersOf(value: object): ReadonlySet<string> {
  const found = new Set<string>();
  for (
    let at: object | null = value;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const member of Object.getOwnPropertyNames(at)) if (member !== 'constructor') found.add(member);
  }
  return found;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
