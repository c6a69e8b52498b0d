/** @coppice/definition: definition files, from text to params of `tasks.create` with every problem at its place. Runs anywhere. */
export { formatProblem, inOrder, parseDefinition, readDefinition } from './definition.ts';
export { resolveUse } from './use-path.ts';
export type { UseOptions } from './used-files.ts';
export type { Definition, DefinitionResult, PathViolation } from './definition.ts';
export { parseDuration } from '@coppice/extension';
export { definitionJsonSchema } from './definition-schema.ts';
export { parseDefinitionSource } from './definition-source.ts';
export type { DefinitionProblem, FilePath, Position } from './definition-source.ts';
export type { SubmissionParams } from './submission-check.ts';
export { completionsAt, describeField } from './completion.ts';
export type { Completion, CompletionContext, KnownExecutor } from './completion.ts';
export { declaredInputsOf } from './declared-inputs.ts';
export type { DeclaredInputs } from './declared-inputs.ts';
export { allTasks, outlineOf, referenceAt, referencesTo, renameTask, taskAt, useAt } from './outline.ts';
export type { Outline, OutlinedTask, Span, TaskReference, TextEdit } from './outline.ts';
