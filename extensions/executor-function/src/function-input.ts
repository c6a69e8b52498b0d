/** What the executor `function` accepts. */
import type { Json, JsonObject } from '@coppice/extension';

export interface FunctionInput {
  readonly module: string;
  readonly export?: string;
  readonly args?: Json;
  readonly baseDir?: string;
  readonly worker?: boolean;
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb?: number;
    readonly maxYoungGenerationSizeMb?: number;
    readonly stackSizeMb?: number;
  };
}

const megabytes = (description: string): JsonObject => ({ type: 'number', exclusiveMinimum: 0, description });

export const functionInputSchema: JsonObject = {
  type: 'object',
  properties: {
    module: {
      type: 'string',
      minLength: 1,
      description:
        'The module: a path that starts with "./", "../" or "/", a file: URL, or a package name. TypeScript works if erasing its types is enough.',
    },
    export: { type: 'string', minLength: 1, default: 'default', description: 'Name of the exported function.' },
    args: {
      description:
        'Passed to the function as its first parameter. Default: {}. The second is the context of the attempt.',
    },
    baseDir: {
      type: 'string',
      minLength: 1,
      description:
        'Where relative paths and package names are resolved from; a relative path starts in the folder of the definition. Default: that folder.',
    },
    worker: {
      type: 'boolean',
      default: false,
      description:
        'Call it in a worker thread, which cancel and time-out can end at any point; its context lacks signal, random and record.',
    },
    resourceLimits: {
      type: 'object',
      description: 'Limits of the worker thread; a function that exceeds them fails.',
      properties: {
        maxOldGenerationSizeMb: megabytes('Size of the heap, MB.'),
        maxYoungGenerationSizeMb: megabytes('Size of the heap for short-lived objects, MB.'),
        stackSizeMb: megabytes('Size of the stack, MB.'),
      },
      additionalProperties: false,
    },
  },
  required: ['module'],
  dependentRequired: { resourceLimits: ['worker'] },
  additionalProperties: false,
};
