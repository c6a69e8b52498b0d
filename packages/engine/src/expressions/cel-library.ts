/** The CEL library. It parses expressions, and it applies the functions and operators that Coppice does not implement. */
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { ExpressionError } from './expression-error.ts';
import type { Meter } from './meter.ts';

/** Most characters of an expression. */
const LENGTH_MAX = 16_384;
/** Most signs `!` and `-` in a row. The parser calls itself for each sign. */
const SIGNS_MAX = 100;
/** Most levels of a parsed expression. */
const DEPTH_MAX = 500;
/** Longest text that is passed to functions of the library. The time of some functions grows faster than the text. */
const ARGUMENT_LENGTH_MAX = 1_000;

/** Steps of one call of the library, beside those of its result. */
const APPLICATION_STEPS = 20;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 5_000, maxDepth: 100 },
});

/** Parses an expression, with limits on its length and nesting. Throws an ExpressionError with the offset. */
export function parse(expression: string): ASTNode {
  if (expression.length > LENGTH_MAX)
    throw new ExpressionError(`it has ${expression.length} characters, more than ${LENGTH_MAX}`);
  const at = tooManySigns(expression);
  if (at !== undefined) throw new ExpressionError(`it has more than ${SIGNS_MAX} signs in a row`, at);
  const { ast } = fromParser(expression);
  // A level takes at least one character, so a short expression can not be too deep.
  if (expression.length > DEPTH_MAX) checkDepth(ast);
  return ast;
}

function fromParser(expression: string): ReturnType<Environment['parse']> {
  try {
    return environment.parse(expression);
  } catch (error) {
    throw fromLibrary(error);
  }
}

/** Checks the depth. A chain of operators nests without brackets, and recursive walks of it would go as deep as the chain is long. */
function checkDepth(ast: ASTNode): void {
  const nodes = [ast];
  const depths = [0];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const depth = depths.pop() as number;
    if (depth > DEPTH_MAX) throw new ExpressionError(`it is nested deeper than ${DEPTH_MAX}`, node.pos);
    for (const child of childrenOf(node)) {
      nodes.push(child);
      depths.push(depth + 1);
    }
  }
}

/** The parts of a node that are expressions themselves. */
export function childrenOf({ args }: ASTNode): readonly ASTNode[] {
  const children: ASTNode[] = [];
  if (isNode(args)) children.push(args);
  else if (Array.isArray(args)) collect(args as readonly unknown[], children);
  return children;
}

/** Nodes stand in the arguments of their parent, or in a list there; the entries of a map are lists in a list. */
function collect(args: readonly unknown[], children: ASTNode[]): void {
  for (const arg of args) {
    if (isNode(arg)) children.push(arg);
    else if (Array.isArray(arg)) collect(arg as readonly unknown[], children);
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value;
}

function tooManySigns(expression: string): number | undefined {
  let inRow = 0;
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at] as string;
    if (char === '!' || char === '-') inRow++;
    else if (char > ' ') inRow = 0;
    if (inRow > SIGNS_MAX) return at;
  }
  return undefined;
}

function fromLibrary(error: unknown): ExpressionError {
  const { message, node } = error as { readonly message: string; readonly node?: { readonly pos?: unknown } };
  const [line = ''] = String(message).split('\n', 1);
  return new ExpressionError(line, typeof node?.pos === 'number' ? node.pos : undefined);
}

/** Applies a function or operator to values. */
export type Apply = (values: readonly unknown[], meter: Meter) => unknown;

const applications = new Map<string, Apply>();

/** An application written with the values as `a`, `b`, `c`; kept, as there are few. */
export function libraryApply(written: string): Apply {
  let apply = applications.get(written);
  if (apply === undefined) {
    const run = environment.parse(written);
    apply = ([a, b, c], meter) => {
      meter.steps(APPLICATION_STEPS);
      for (const value of [a, b, c]) if (typeof value === 'string') checkLength(value);
      try {
        const result: unknown = run({ a, b, c });
        if (typeof result === 'string' || result instanceof Uint8Array) meter.produce(result.length);
        return ownNumber(result);
      } catch (error) {
        throw fromLibrary(error);
      }
    };
    applications.set(written, apply);
  }
  return apply;
}

function checkLength({ length }: string): void {
  if (length <= ARGUMENT_LENGTH_MAX) return;
  throw new ExpressionError(`it is given a text of ${length} characters, more than ${ARGUMENT_LENGTH_MAX}`);
}

/** Turns unsigned integers into integers, because JSON has only one kind of number. */
export function ownNumber(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const plain: unknown = value.valueOf();
  return typeof plain === 'bigint' ? plain : value;
}

/** Names of types, with which expressions compare `type(x)`. */
export const TYPE_NAMES: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
]);

/** Functions and methods by name, with the numbers of values that they take. The value before the dot of a method counts too. */
export function libraryFunctions(): ReadonlyMap<string, ReadonlySet<number>> {
  const known = new Map<string, Set<number>>();
  for (const { name, receiverType, params } of environment.getDefinitions().functions) {
    if (receiverType?.includes('ptional') === true || receiverType === 'CelNamespace') continue;
    const key = functionKey(name, receiverType !== null);
    const counts = known.get(key) ?? new Set<number>();
    counts.add(params.length + (receiverType === null ? 0 : 1));
    known.set(key, counts);
  }
  return known;
}

/** `f` for a function, `.f` for a method. */
export function functionKey(name: string, isMethod: boolean): string {
  return isMethod ? `.${name}` : name;
}
