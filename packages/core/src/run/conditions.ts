/**
 * Conditions of edges (R-RO-01, R-RO-05): whether a condition holds, and how a message describes one that does not hold. When the
 * evaluation of a condition fails, the target of the edge fails: the condition never counts as false.
 */
import type { CutPart, Json, JsonObject, TaskError } from '@coppice/extension';
import type { ExpressionEvaluator, ExpressionUse } from '../ports/expressions.ts';
import type { TerminalTaskStatus } from '../task/status.ts';
import type { DecideContext } from './command.ts';
import { setReadable } from './cut-output.ts';
import type { Edge, TaskState } from './state.ts';
import { faultCode } from './unresolved.ts';

/** How a task ended, as its outgoing edges see it. */
export interface Ending {
  readonly status: TerminalTaskStatus;
  readonly output: Json;
  /** Texts of the output that were cut at a limit. */
  readonly cut: readonly CutPart[] | undefined;
  readonly port: string | undefined;
  readonly error: TaskError | undefined;
}

/** What a decision needs to evaluate conditions, and what it notes about them. */
export interface ConditionContext {
  readonly context: DecideContext;
  /** The steps and characters that the expressions of this decision have used. */
  readonly use: ExpressionUse;
  /** Edges whose condition did not hold in this decision. The value is the fault when the evaluation failed. */
  judged: Map<Edge, TaskError | undefined> | undefined;
  /** The last answer. Often many edges leave a task with the same condition, and it is worked out once. */
  answer?: Answer | undefined;
}

interface Answer {
  readonly condition: string;
  readonly ending: Ending;
  readonly holds: boolean;
  /** Why it can not be worked out. */
  readonly fault: TaskError | undefined;
}

/** Most values that a message shows, and most characters of each. */
const READS_MAX = 3;
const SHOWN_MAX = 60;

function scopeOf({ output, error, status, port }: Ending): Record<string, Json> {
  return { output, error: (error ?? null) as Json, status, port: port ?? null };
}

/** The same scope, in which reading a cut text throws. */
function readableScope(ending: Ending, { definition: { name } }: TaskState): JsonObject {
  const scope = scopeOf(ending);
  if (ending.cut !== undefined) setReadable(scope, 'output', { output: ending.output, cut: ending.cut, name });
  return scope;
}

/** True when the edge's condition holds for this ending. */
export function holds(edge: Edge, ending: Ending, judging: ConditionContext): boolean {
  const condition = edge.dependency.condition as string;
  let { answer } = judging;
  if (answer === undefined || answer.ending !== ending || answer.condition !== condition)
    judging.answer = answer = answerOf(edge, ending, judging);
  if (!answer.holds) (judging.judged ??= new Map()).set(edge, answer.fault);
  return answer.holds;
}

function answerOf(edge: Edge, ending: Ending, { context, use }: ConditionContext): Answer {
  const condition = edge.dependency.condition as string;
  try {
    const value = context.expressions.evaluate(condition, readableScope(ending, edge.source), use);
    if (value === true || value === false) return { condition, ending, holds: value, fault: undefined };
    const error = new Error(`it is ${shown(value)}, neither true nor false`);
    return { condition, ending, holds: false, fault: faultOf(edge, error) };
  } catch (error) {
    return { condition, ending, holds: false, fault: faultOf(edge, error as Error) };
  }
}

/** The fault of a condition that did not hold. The condition is evaluated again when it was first evaluated in an earlier decision. */
export function conditionFault(edge: Edge, judging: ConditionContext): TaskError | undefined {
  if (judging.judged?.has(edge) !== true) holds(edge, endingOfState(edge.source), judging);
  return judging.judged?.get(edge);
}

function faultOf({ dependency: { condition }, source }: Edge, error: Error): TaskError {
  return {
    code: faultCodeOf(error),
    message: `The condition \`${condition}\` on ${source.definition.name} can not be worked out: ${error.message}. Mend it in a copy of the tree`,
    retryable: false,
    data: { condition: condition ?? null, source: source.id },
  };
}

/** The error code for a condition whose evaluation failed. */
export function faultCodeOf(error: Error): string {
  return faultCode((error as { readonly code?: unknown }).code) ?? 'condition/failed';
}

/** The ending of a task that has ended. */
export function endingOfState({ status, output, cut, port, error }: TaskState): Ending {
  // Only what has completed took a port.
  return { status: status as TerminalTaskStatus, output, cut, port: status === 'completed' ? port : undefined, error };
}

/** Describes a condition that was false, for example: `` condition `output.n > 9` was false: output.n is 7 ``. */
export function describeFalse({ dependency, source }: Edge, { context }: ConditionContext): string {
  const condition = dependency.condition as string;
  const values = describeReads(condition, scopeOf(endingOfState(source)), context.expressions);
  return `condition \`${condition}\` was false${values}`;
}

/** Lists the values that an expression reads, for example `: output.n is 7`. Returns an empty text when it reads nothing. */
export function describeReads(expression: string, scope: JsonObject, expressions: ExpressionEvaluator): string {
  const values = readValues(expression, scope, expressions)
    .slice(0, READS_MAX)
    .map(({ read, value }) => `${read} is ${value}`);
  return values.length === 0 ? '' : `: ${values.join(', ')}`;
}

/** What an expression reads, as it is written there, and the value of that as a message shows it. */
export interface ReadValue {
  readonly read: string;
  readonly value: string;
}

function readValues(expression: string, scope: JsonObject, expressions: ExpressionEvaluator): readonly ReadValue[] {
  const reads = expressions
    .reads(expression)
    .map(({ path, start, end }) => [expression.slice(start, end), shown(valueAt(scope, path))] as const);
  return [...new Map(reads)].map(([read, value]) => ({ read, value }));
}

/** The values that the condition of an edge has read from its source, which has ended. */
export function conditionValues({ dependency, source }: Edge, { context }: ConditionContext): readonly ReadValue[] {
  const { condition } = dependency;
  return condition === undefined ? [] : readValues(condition, scopeOf(endingOfState(source)), context.expressions);
}

function valueAt(scope: Json, path: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined = scope;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}

/** A value in a message. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') {
    return JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : `a map of ${Object.keys(value).length}`;
}
