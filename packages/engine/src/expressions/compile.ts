/**
 * Compiles a parsed expression into closures. The evaluation of every part is counted, and a fault names its part of the expression.
 * Names of macro variables are resolved here, so that the evaluation needs no look-ups.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { libraryApply, ownNumber, TYPE_NAMES, type Apply } from './cel-library.ts';
import { ExpressionError, saying, sourceOf } from './expression-error.ts';
import { truth, type Call, type Locals, type Run } from './frame.ts';
import { findFunction, NoFit } from './functions.ts';
import { compileMacro } from './macros.ts';
import { isFatal } from './meter.ts';
import { applyBinary, isKey, read, type BinaryOperator } from './operators.ts';
import { compilePattern, isCheap } from './regular-expression.ts';
import { unknownFunction } from './unknown-function.ts';

/** Compiles a node. Throws an ExpressionError for a node whose evaluation would always fail. */
export function compile(node: ASTNode, locals: Locals): Run {
  const run = compileNode(node, locals);
  return (frame) => {
    frame.meter.steps(1);
    return run(frame);
  };
}

function compileNode(node: ASTNode, locals: Locals): Run {
  switch (node.op) {
    case 'value': {
      const value = ownNumber(node.args);
      return () => value;
    }
    case 'id':
      return compileName(node.args, node, locals);
    case '.': {
      const [of, name] = node.args;
      const from = compile(of, locals);
      return (frame) => read(from(frame), name, of);
    }
    case '[]': {
      const [of, key] = node.args;
      const from = compile(of, locals);
      const at = compile(key, locals);
      return (frame) => read(from(frame), at(frame), of);
    }
    case 'call':
      return compileCall(node, { name: node.args[0], receiver: undefined, args: node.args[1] }, locals);
    case 'rcall':
      return compileCall(node, { name: node.args[0], receiver: node.args[1], args: node.args[2] }, locals);
    case 'list':
      return compileList(node.args, locals);
    case 'map':
      return compileMap(node.args, locals);
    case '?:':
      return compileChoice(node.args, locals);
    case '||':
      return compileLogic(true, node.args, locals);
    case '&&':
      return compileLogic(false, node.args, locals);
    case '!_':
    case '-_':
      return compileUnary(node.op, node.args, locals);
    case '.?':
    case '[?]':
      throw new ExpressionError('optional access is no part of this language', node.pos);
    default:
      return compileBinary(node.op, node.args, locals);
  }
}

function compileName(name: string, node: ASTNode, locals: Locals): Run {
  const slot = locals.lastIndexOf(name);
  if (slot >= 0) return ({ locals: values }) => values[slot];
  return ({ scope, meter }) => {
    if (Object.hasOwn(scope, name)) return scope[name];
    if (TYPE_NAMES.has(name)) return libraryApply(name)([], meter);
    throw new ExpressionError(`there is no '${name}' here`, node.pos);
  };
}

function compileCall(node: ASTNode, call: Call, locals: Locals): Run {
  const macro = compileMacro(call, locals, compile);
  if (macro !== undefined) return macro;
  const { name, receiver, args } = call;
  const isMethod = receiver !== undefined;
  const nodes = isMethod ? [receiver, ...args] : args;
  const found = findFunction(name, isMethod, nodes.length);
  if (typeof found !== 'function') throw unknownFunction(node, call, found);
  const runs = nodes.map((each) => compile(each, locals));
  const apply = name === 'matches' ? withPattern(found, nodes[1]) : found;
  return (frame) => {
    const values = runs.map((run) => run(frame));
    try {
      return apply(values, frame.meter);
    } catch (error) {
      throw inCall(error, { node, name, nodes, values });
    }
  };
}

/** Compiles a literal pattern before anything runs, to find its faults. Only cheap patterns are compiled, because a tree may hold many. */
function withPattern(apply: Apply, node: ASTNode | undefined): Apply {
  if (node?.op !== 'value' || typeof node.args !== 'string' || !isCheap(node.args)) return apply;
  try {
    compilePattern(node.args);
  } catch (error) {
    throw new ExpressionError((error as Error).message, node.pos);
  }
  return apply;
}

interface CallSite {
  readonly node: ASTNode;
  readonly name: string;
  readonly nodes: readonly ASTNode[];
  readonly values: readonly unknown[];
}

function inCall(error: unknown, { node, name, nodes, values }: CallSite): unknown {
  if (error instanceof NoFit) {
    const given = nodes.map((each, at) => saying(each, values[at])).join(' and ');
    return new ExpressionError(`${name}() does not fit: ${given}`, node.pos);
  }
  if (error instanceof ExpressionError) return new ExpressionError(`\`${sourceOf(node)}\`: ${error.message}`, node.pos);
  return error;
}

function compileList(items: readonly ASTNode[], locals: Locals): Run {
  const runs = items.map((item) => compile(item, locals));
  return (frame) => {
    frame.meter.produceItems(runs.length);
    return runs.map((run) => run(frame));
  };
}

function compileMap(entries: readonly (readonly [ASTNode, ASTNode])[], locals: Locals): Run {
  const runs = entries.map(([key, value]) => [compile(key, locals), compile(value, locals), key] as const);
  return (frame) => {
    frame.meter.produceItems(runs.length);
    frame.meter.keys(runs.length);
    const map = Object.create(null) as Record<string, unknown>;
    for (const [keyOf, valueOf, node] of runs) {
      const key = keyOf(frame);
      if (!isKey(key)) throw new ExpressionError(`a key of a map can not be used: ${saying(node, key)}`, node.pos);
      map[String(key)] = valueOf(frame);
    }
    return map;
  };
}

function compileChoice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], locals: Locals): Run {
  const holds = compile(condition, locals);
  const then = compile(yes, locals);
  const otherwise = compile(no, locals);
  return (frame) => (truth(holds(frame), condition) ? then(frame) : otherwise(frame));
}

/** Compiles `||` and `&&`. When one side decides the result, a fault of the other side does not matter. */
function compileLogic(deciding: boolean, [left, right]: readonly [ASTNode, ASTNode], locals: Locals): Run {
  const first = compile(left, locals);
  const second = compile(right, locals);
  return (frame) => {
    let value: boolean;
    try {
      value = truth(first(frame), left);
    } catch (error) {
      if (isFatal(error)) throw error;
      frame.meter.fault();
      if (truth(second(frame), right) !== deciding) throw error;
      return deciding;
    }
    return value === deciding ? value : truth(second(frame), right);
  };
}

function compileUnary(operator: '!_' | '-_', operand: ASTNode, locals: Locals): Run {
  const run = compile(operand, locals);
  if (operator === '!_') return (frame) => !truth(run(frame), operand);
  return (frame) => {
    const value = run(frame);
    if (typeof value === 'number' || typeof value === 'bigint') return -value;
    throw new ExpressionError(`'-' does not fit: ${saying(operand, value)}`, operand.pos);
  };
}

function compileBinary(operator: BinaryOperator, nodes: readonly [ASTNode, ASTNode], locals: Locals): Run {
  const left = compile(nodes[0], locals);
  const right = compile(nodes[1], locals);
  return (frame) => applyBinary(operator, { left: left(frame), right: right(frame), nodes, meter: frame.meter });
}
