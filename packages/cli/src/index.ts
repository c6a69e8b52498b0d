/** @coppice/cli: the `coppice` command. For programs: the reader of definition files. */
export { formatProblem, parseDefinition } from './definition/definition.ts';
export type { Definition, DefinitionResult, PathViolation } from './definition/definition.ts';
export type { DefinitionProblem, FilePath, Position } from './definition/definition-source.ts';
export { definitionJsonSchema } from './definition/definition-schema.ts';
