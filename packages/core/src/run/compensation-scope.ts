/** What the inputs of a compensation read (R-SG-03). */
import type { Json, JsonObject, TaskId } from '@coppice/extension';
import { cancellationOf, findCancelled } from './cancelled.ts';
import { hasFailedItself } from './failures.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { outputOf, type SecretReader } from './task-outputs.ts';

/** What the inputs of a compensation may read beside all others. */
export function compensationScope(run: RunState, task: TaskState, reader: SecretReader): JsonObject | undefined {
  const { compensates } = task.definition;
  const original = compensates === undefined ? undefined : run.byId.get(compensates);
  if (original === undefined) return undefined;
  const group = task.scope.owner as TaskState;
  const members = (group.group as Scope).members.flatMap(({ definition }) => definition.compensates ?? []);
  const named = (id: TaskId): JsonObject => {
    const key = run.byId.get(id)?.definition.key ?? id;
    return { id, key, name: run.byId.get(id)?.definition.name ?? key };
  };
  return {
    original: {
      ...named(original.id),
      input: reader.reveal(original.input ?? {}, original.inputSecrets),
      output: outputOf(original, reader),
    },
    failure: failureIn(run, group, named),
    compensating: members.map(named),
  };
}

/** Why a group compensates: the first failure that began in it. `task` is null when it was cancelled. */
function failureIn(run: RunState, group: TaskState, named: (id: TaskId) => JsonObject): JsonObject {
  const scope = group.group as Scope;
  const noted = cancellationOf(scope) ?? (scope.unhandled === 0 ? findCancelled(run, scope)?.reason : undefined);
  if (noted !== undefined) return { task: null, error: { code: 'cancelled', message: noted.message } };
  const failed = scope.closing?.failed;
  if (failed !== undefined) {
    const by = (failed.data as JsonObject)['taskId'] as TaskId | undefined;
    return { task: named(by ?? group.id), error: (failed.cause ?? failed) as unknown as Json };
  }
  let at: TaskState | undefined = group;
  while (at !== undefined && (at === group || !hasFailedItself(at)))
    at = at.group?.members.find(({ selected, status, handled }) => selected && status === 'failed' && !handled);
  return at === undefined ? { task: null, error: null } : { task: named(at.id), error: (at.error ?? null) as Json };
}
