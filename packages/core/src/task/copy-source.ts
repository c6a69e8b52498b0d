/** The source of a copy: a stored tree with the outcomes of its tasks. A `RunState` can be used as a source. */
import type { CutPart, Json, JsonObject, TaskError, TreeId } from '@coppice/extension';
import type { Declares } from './declared-inputs.ts';
import type { CancelReason, SkipReason } from '../run/event.ts';
import type { SecretReference } from '../run/secret-reference.ts';
import type { TaskStatus } from './status.ts';
import type { RunPolicies, TaskDefinition } from './task.ts';

/** A task and its execution so far. */
export interface CopySourceTask {
  readonly definition: TaskDefinition;
  readonly status: TaskStatus;
  /** Last attempt's number; 0: it never started. */
  readonly attempt: number;
  /** Resolved input of the last attempt. */
  readonly input?: JsonObject | undefined;
  /** Where secrets stand in the input, and in the output. */
  readonly inputSecrets?: readonly SecretReference[] | undefined;
  readonly output: Json;
  readonly outputSecrets?: readonly SecretReference[] | undefined;
  /** Texts of the output that were cut at a limit. */
  readonly cut?: readonly CutPart[] | undefined;
  readonly port?: string | undefined;
  readonly error?: TaskError | undefined;
  readonly reason?: SkipReason | CancelReason | undefined;
  readonly startedAtMs?: number | undefined;
  readonly endedAtMs?: number | undefined;
  /** True when a former copy carried this outcome over. */
  readonly reused: boolean;
  /** Set where the task is a group: an executor can make one of its task. Absent: the definition says it. */
  readonly group?: object | undefined;
  /** True when the task was deleted from the tree. Default false. */
  readonly deleted?: boolean | undefined;
}

export interface WrittenBySource {
  get(task: CopySourceTask): JsonObject | undefined;
  /** What was written inside of the group before the members that it has. */
  leftBy(group: CopySourceTask): JsonObject | undefined;
}

export interface CopySource {
  readonly treeId: TreeId;
  /** In declared order. */
  readonly tasks: readonly CopySourceTask[];
  readonly inputs: JsonObject;
  readonly variables: JsonObject;
  readonly declares?: Declares | undefined;
  readonly merges?: Readonly<Record<string, string>> | undefined;
  /** What tasks wrote to variables; undefined: nothing. */
  readonly patches?: WrittenBySource | undefined;
  readonly policies: RunPolicies;
  readonly baseDir?: string | undefined;
}
