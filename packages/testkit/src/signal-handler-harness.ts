/**
 * Asks a signal handler as the engine would, without an engine: for the tests of extension authors.
 *
 *     expect(testSignalHandler(handler, { payload: 3, tasks: [{ key: 'a', status: 'ready' }] })).toEqual({ commands: [{ type: 'skip', task: 'a' }] });
 */
import {
  askHandler,
  type Json,
  type JsonObject,
  type RunReading,
  type SignalCommand,
  type SignalHandler,
  type TaskId,
  type TaskReading,
  type TreeId,
} from '@coppice/core';
import { inTime } from '@coppice/engine';

export interface SignalHandlerTestOptions {
  /** Default null. */
  readonly payload?: Json;
  /** Status of the run. Default `running`. */
  readonly status?: RunReading['status'];
  /** Inputs of the run. Default `{}`. */
  readonly inputs?: JsonObject;
  /** Tasks of the run. Defaults: the key is the id and the name, `pending`, no attempt, an output of null. */
  readonly tasks?: readonly (Partial<TaskReading> & { readonly key: string })[];
}

/** The commands that the signal gives, or why it is rejected. */
export type SignalHandlerTestResult = { readonly commands: readonly SignalCommand[] } | { readonly rejected: string };

/** The run is frozen, so that a handler which changes it is found out. A handler that takes too long is stopped as the engine stops it. */
export function testSignalHandler(
  handler: SignalHandler,
  options: SignalHandlerTestOptions = {},
): SignalHandlerTestResult {
  const { payload = null, status = 'running', inputs = {}, tasks = [] } = options;
  const readings = tasks.map(readingOf);
  const run: RunReading = { treeId: 'tree' as TreeId, status, inputs, tasks: readings };
  const asked = askHandler(inTime(handler), {
    signal: { name: handler.name, payload },
    run: frozen(structuredClone(run)),
    find: (reference) => findTask(readings, reference),
  });
  return typeof asked === 'string' ? { rejected: asked } : { commands: asked };
}

function readingOf(given: Partial<TaskReading> & { readonly key: string }): TaskReading {
  const { key } = given;
  return {
    id: key as TaskId,
    name: key,
    parentId: undefined,
    executor: undefined,
    tags: [],
    status: 'pending',
    attempt: 0,
    input: undefined,
    output: null,
    error: undefined,
    ...given,
  };
}

function findTask(tasks: readonly TaskReading[], reference: string): TaskId | undefined {
  const byId = tasks.find(({ id }) => id === reference);
  if (byId !== undefined) return byId.id;
  const [first, second] = tasks.filter(({ key }) => key === reference);
  return second === undefined ? first?.id : undefined;
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) frozen(each);
  return Object.freeze(value);
}
