/**
 * What a user may let tasks do with the server.
 *
 * 1. A role uses only the executors that the configuration gives it.
 * 2. A task of the role `user` acts with the rights of the server only where the configuration says so.
 * 3. Nobody's task asks for environment variables that the configuration does not allow.
 */
import type { Executor, JsonObject } from '@coppice/core';
import type { ExtensionRegistry } from '@coppice/engine';
import type { ServerConfig } from '../config.ts';
import type { Principal } from '../rpc/caller.ts';

/** A task as it is submitted or stored. */
export interface CheckedTask {
  readonly name?: string | undefined;
  readonly id?: string | undefined;
  readonly executor?: string | null | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly dependencies?: readonly (string | DependencyNames)[] | undefined;
  /** Of a stored task that is multiplied: what its copies are made of. */
  readonly multiplier?: { readonly body: readonly CheckedTask[] } | null | undefined;
}

interface DependencyNames {
  readonly task: string;
  readonly ref?: string | undefined;
  readonly into?: string | undefined;
}

/** What a task asks for and may not have. */
export interface AccessViolation {
  readonly code: 'auth/unauthorized';
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

export interface TaskAccess {
  /** All that the tasks ask for and the principal may not have; `path`: where the tasks are in the request. */
  violations(
    principal: Principal,
    tasks: readonly CheckedTask[],
    path?: AccessViolation['path'],
  ): readonly AccessViolation[];
  /** True when stored tasks must be looked at before the principal may run them. */
  isLimited(principal: Principal): boolean;
}

export interface TaskAccessOptions {
  readonly registry: ExtensionRegistry;
  readonly roles: ServerConfig['roles'];
  /** Names of variables that tasks may read. */
  readonly env: readonly string[];
}

/** The setting of the configuration that lets the role use executors. */
const SETTING = 'roles.user.executors';

export function createTaskAccess({ registry, roles, env }: TaskAccessOptions): TaskAccess {
  const given = roles.user.executors && new Map(roles.user.executors.map(withRights));
  const allowedEnv = new Set(env);
  const isLimited: TaskAccess['isLimited'] = ({ role }) => role !== 'admin';

  function* problems(task: CheckedTask, executor: Executor, limited: boolean): Generator<[string, string]> {
    const { type, actsAsServer, envOf } = executor;
    const inputs = task.inputs ?? {};
    const label = `Task "${task.name ?? task.id ?? type}"`;
    if (limited && !(given?.has(type) ?? actsAsServer !== true)) {
      const why = actsAsServer === true ? ', which acts with the rights of the server' : '';
      yield [
        'executor',
        `${label}: the role "user" may not use the executor "${type}"${why}; an admin can allow it in ${SETTING}`,
      ];
    } else if (limited && given?.get(type) !== true && actsAsServerWith(executor, task)) {
      const entry = JSON.stringify({ type, actAsServer: true });
      yield [
        'inputs',
        `${label}: with these inputs the executor "${type}" acts with the rights of the server, which the role "user" may not; an admin can allow it with ${entry} in ${SETTING}`,
      ];
    }
    for (const name of envOf?.(inputs) ?? []) {
      if (allowedEnv.has(name)) continue;
      yield [
        'inputs',
        `${label}: tasks may not read the environment variable ${name}; an admin can allow it with "env" in the configuration`,
      ];
    }
  }

  return {
    isLimited,
    violations(principal, tasks, path = ['tasks']) {
      const limited = isLimited(principal);
      const found: AccessViolation[] = [];
      for (const [at, task] of withBodies(tasks)) {
        const executor = typeof task.executor === 'string' ? registry.findExecutor(task.executor) : undefined;
        // What there is no executor for can not run; validation says so.
        if (executor === undefined || (!limited && executor.envOf === undefined)) continue;
        for (const [field, reason] of problems(task, executor, limited)) {
          found.push({ code: 'auth/unauthorized', path: [...path, at, field], reason });
        }
      }
      return found;
    },
  };
}

/** The tasks, and what the copies of multiplied ones are made of; each with the position of the task that is or makes it. */
function* withBodies(tasks: readonly CheckedTask[]): Generator<readonly [number, CheckedTask]> {
  for (const [at, task] of tasks.entries()) {
    yield [at, task];
    for (const [, inside] of withBodies(task.multiplier?.body ?? [])) yield [at, inside];
  }
}

type RoleExecutor = NonNullable<ServerConfig['roles']['user']['executors']>[number];

/** The type, and whether its tasks may act with the rights of the server where they need not. */
function withRights(entry: RoleExecutor): readonly [string, boolean] {
  return typeof entry === 'string' ? [entry, false] : [entry.type, entry.actAsServer];
}

/** What an executor can not tell counts as yes. */
function actsAsServerWith({ actsAsServer }: Executor, task: CheckedTask): boolean {
  if (typeof actsAsServer !== 'function') return false;
  try {
    return actsAsServer(task.inputs ?? {}, suppliedKeys(task));
  } catch {
    return true;
  }
}

/** Input keys that the dependencies of a task deliver. */
function suppliedKeys({ dependencies = [] }: CheckedTask): readonly string[] {
  return dependencies.map((one) => (typeof one === 'string' ? one : (one.into ?? one.ref ?? one.task)));
}
