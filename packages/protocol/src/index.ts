/** @coppice/protocol: the methods of Coppice as schemas and types, the error table, and OpenRPC. */
export * from './errors.ts';
export * from './method-table.ts';
export { BULK_STATUSES, type BulkAction } from './methods/bulk.ts';
export { ANY_METHOD_ERRORS } from './methods/method.ts';
export type { MethodSpec } from './methods/method.ts';
export type { Violation } from './methods/definition.ts';
export { EVENTS_LIMIT_DEFAULT, EVENTS_LIMIT_MAX } from './methods/observing.ts';
export { GRAPH_LIMIT_MAX } from './methods/graph.ts';
export { NESTING_MAX, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from './methods/reading.ts';
export * from './notifications.ts';
export { openRpcDocument, PROTOCOL_VERSION } from './open-rpc.ts';
export {
  eventPages,
  exportRun,
  logPages,
  RUN_FILE_SUFFIX,
  RunFileError,
  RunFileReader,
  runFileTexts,
} from './run-file.ts';
export type {
  RunFileChecks,
  RunFileEnd,
  RunFileHash,
  RunFileHead,
  RunFilePart,
  RunFileServer,
  RunFileSource,
} from './run-file.ts';
export { RUN_FILE_CHECKS } from './run-file-checks.ts';
export { isExact, unkeepableValues } from './schema/unkeepable.ts';
export { salvage } from './schema/salvage.ts';
export type { Salvage } from './schema/salvage.ts';
export { suggest } from './schema/suggest.ts';
export { strict, unknownField } from './schema/strict.ts';
export { violationsOf, VIOLATIONS_MAX } from './schema/violations.ts';
export type { ParamViolation } from './schema/violations.ts';
export { CLIENT_FACES } from './wire/actor.ts';
export type { Actor, ClientFace } from './wire/actor.ts';
export { INPUT_DECLARATION_FIELDS, INPUT_TYPES, type InputDeclaration } from './wire/declares.ts';
export type * from './wire/envelope.ts';
export type { EventOf, EventType, RunEvent } from './wire/event.ts';
export type { Json, JsonObject } from './wire/json.ts';
export type * from './wire/graph.ts';
export type { BreakerReport } from './wire/breaker.ts';
export type * from './wire/observation.ts';
export type { RetryPolicy, RunPolicies, TaskPolicies } from './wire/policies.ts';
export type { RunStatus, TaskStatus } from './wire/status.ts';
export type { Approval, OpenWait, Wait } from './wire/wait.ts';
export { DEFINITION_DEFAULTS, SHOWN_DEFAULTS } from './wire/definition-fields.ts';
export { DEPENDENCY_DEFAULTS } from './wire/dependency.ts';
export type { Dependency, DependencySubmission } from './wire/dependency.ts';
export type { CopyOptions, TaskSubmission, UpdatePatch } from './wire/submission.ts';
export type {
  CutPart,
  FailureLadder,
  GroupProgress,
  NestedTask,
  Progress,
  Task,
  TaskError,
  TaskListItem,
  Tree,
} from './wire/task.ts';
