/**
 * What a run would find around it in another process: working directory, configuration, environment. A command hands its run to
 * that process only where it would find the same there.
 *
 * The record of a process holds digests of its environment, short and salted: enough to see that two values differ, too little to
 * learn one.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Settings } from './settings.ts';

export interface Surroundings {
  readonly cwd: string;
  readonly salt: string;
  /** Digest of the configuration. */
  readonly config: string;
  /** Digests of all environment variables, by name. */
  readonly variables: Readonly<Record<string, string>>;
}

const DIGEST_LENGTH = 8;
/** Variables that every command gets and that decide what it does. The names of folders for temporary files do not decide. */
const ALWAYS = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ'];
/** Set by the executor `command`: this process was started by a task. */
const TASK_VARIABLE = 'COPPICE_TASK_ID';

/** Describes the surroundings of this process. */
export function surroundingsOf({ config }: Settings): Surroundings {
  const salt = randomBytes(16).toString('hex');
  const variables = Object.entries(process.env).map(([name, value = '']) => [name, digest(salt, value)] as const);
  return {
    cwd: process.cwd(),
    salt,
    config: digest(salt, JSON.stringify(config)),
    variables: Object.fromEntries(variables),
  };
}

/** What differs between those surroundings and this process, in words; undefined: nothing that matters. `names`: variables that matter too. */
export function differenceFrom(other: Surroundings, settings: Settings, names: Iterable<string>): string | undefined {
  // This process belongs to a task. It must not wait for the run of that task: both would wait for ever.
  if (process.env[TASK_VARIABLE] !== undefined) return undefined;
  if (other.cwd !== process.cwd()) return `it works in ${other.cwd}`;
  if (other.config !== digest(other.salt, JSON.stringify(settings.config))) return 'it has another configuration';
  for (const name of new Set([...ALWAYS, ...namesIn(settings.config), ...names])) {
    const value = process.env[name];
    const here = value === undefined ? undefined : digest(other.salt, value);
    const there = Object.hasOwn(other.variables, name) ? other.variables[name] : undefined;
    if (here !== there) return `the environment variable ${name} has another value there`;
  }
  return undefined;
}

/** Variables that a configuration names: those in lists called `env` or `inheritEnv`, and secrets `{env: NAME}`. */
export function namesIn(value: unknown): readonly string[] {
  const names: string[] = [];
  const stack: unknown[] = [value];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (typeof at !== 'object' || at === null) continue;
    for (const [key, inner] of Object.entries(at as Readonly<Record<string, unknown>>)) {
      if (key === 'env' && typeof inner === 'string') names.push(inner);
      else if ((key === 'env' || key === 'inheritEnv') && Array.isArray(inner)) names.push(...inner.filter(isText));
      else if (typeof inner === 'object' && inner !== null) stack.push(inner);
    }
  }
  return names;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function digest(salt: string, text: string): string {
  return createHmac('sha256', salt).update(text).digest('hex').slice(0, DIGEST_LENGTH);
}
