/** The executor `aggregate`: makes one result of the outputs of the dependencies. */
import { TerminalError, type Executor, type Json, type JsonObject } from '@coppice/extension';
import { combine, modes, type Mode } from './combine.ts';

interface AggregateInput {
  readonly mode?: Mode;
  readonly pick?: string;
  readonly from?: readonly string[];
}

export function createAggregateExecutor(): Executor {
  return {
    type: 'aggregate',
    description: 'Makes one result of the outputs of the dependencies.',
    effects: 'pure',
    onCrash: 'retry',
    input: {
      type: 'object',
      properties: {
        mode: {
          enum: Object.keys(modes),
          default: 'object',
          description: Object.entries(modes)
            .map(([mode, text]) => `${mode}: ${text}.`)
            .join(' '),
        },
        pick: {
          type: 'string',
          minLength: 1,
          description:
            'Path of the value to take from each output, e.g. "report.total" or "items.0". A missing one is null. Default: the whole output.',
        },
        from: {
          type: 'array',
          items: { type: 'string' },
          uniqueItems: true,
          description: 'Names of the dependencies to use, in this order. Default: all, in declared order.',
        },
      },
      additionalProperties: false,
    },
    example: { mode: 'sum', pick: 'total' },
    execute(input, ctx) {
      const { mode = 'object', pick, from = Object.keys(ctx.dependencies) } = input as AggregateInput;
      const picked = from.map((name): [string, Json] => {
        const output = getOutput(ctx.dependencies, name);
        return [name, pick === undefined ? output : pickValue(output, pick)];
      });
      return combine(mode, picked);
    },
  };
}

function getOutput(dependencies: JsonObject, name: string): Json {
  if (Object.hasOwn(dependencies, name)) return dependencies[name] ?? null;
  throw new TerminalError(
    `"from" names "${name}", which is not among the settled dependencies: ${Object.keys(dependencies).join(', ') || 'there are none'}`,
    { code: 'aggregate/unknown-dependency' },
  );
}

function pickValue(output: Json, path: string): Json {
  let at: Json = output;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return null;
    at = (at as JsonObject)[key] ?? null;
  }
  return at;
}
