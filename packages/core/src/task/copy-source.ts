/** What a copy is made from: a stored tree with what its tasks ended with. A `RunState` is one as it stands. */
import type { CutPart, Json, JsonObject, TaskError, TreeId } from '@coppice/extension';
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
  /** Texts of the output that are not whole. */
  readonly cut?: readonly CutPart[] | undefined;
  readonly port?: string | undefined;
  readonly error?: TaskError | undefined;
  readonly startedAtMs?: number | undefined;
  readonly endedAtMs?: number | undefined;
  /** Its outcome was itself carried over by a copy. */
  readonly reused: boolean;
  /** It was taken out of the tree. Default false. */
  readonly deleted?: boolean | undefined;
}

export interface CopySource {
  readonly treeId: TreeId;
  /** In declared order. */
  readonly tasks: readonly CopySourceTask[];
  readonly inputs: JsonObject;
  readonly variables: JsonObject;
  readonly policies: RunPolicies;
  readonly baseDir?: string | undefined;
}
