/** Macros: `has`, `cel.bind`, and macros that visit the items of a list with a variable. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { ExpressionError } from './expression-error.ts';
import { itemsOf, truth, type Call, type Compile, type Frame, type Locals, type Run } from './frame.ts';
import { isFatal } from './meter.ts';

/** Compiles a call of a macro; undefined: the call is no macro. */
export function compileMacro(call: Call, locals: Locals, compile: Compile): Run | undefined {
  const { name, receiver, args } = call;
  if (receiver === undefined)
    return name === 'has' && args.length === 1 ? compileHas(compile, args[0] as ASTNode, locals) : undefined;
  if (
    name === 'bind' &&
    args.length === 3 &&
    receiver.op === 'id' &&
    receiver.args === 'cel' &&
    !locals.includes('cel')
  )
    return compileBind(compile, args, locals);
  const [variable, first, second] = args;
  if (variable?.op !== 'id' || first === undefined) return undefined;
  const loop = { receiver, items: compile(receiver, locals), slot: locals.length };
  const inner = [...locals, variable.args];
  const body = { node: first, run: compile(first, inner) };
  if (name === 'map' && args.length <= 3)
    return second === undefined
      ? mapping(loop, body, undefined)
      : mapping(loop, { node: second, run: compile(second, inner) }, body);
  if (args.length !== 2) return undefined;
  switch (name) {
    case 'filter':
      return mapping(loop, undefined, body);
    case 'all':
      return quantifier(loop, body, false);
    case 'exists':
      return quantifier(loop, body, true);
    case 'exists_one':
      return exactlyOne(loop, body);
    default:
      return undefined;
  }
}

interface Loop {
  readonly receiver: ASTNode;
  readonly items: Run;
  /** Index of the variable in `locals`. */
  readonly slot: number;
}

interface Body {
  readonly node: ASTNode;
  readonly run: Run;
}

/** Calls `use` for each item, with the variable set, until it answers false. */
function each({ receiver, items, slot }: Loop, frame: Frame, use: (item: unknown) => boolean): void {
  const { meter, locals } = frame;
  for (const item of itemsOf(items(frame), receiver, meter)) {
    meter.steps(1);
    locals[slot] = item;
    if (!use(item)) return;
  }
}

/** Compiles `map` and `filter`: the items that pass the filter, each replaced by the result of the body if there is one. */
function mapping(loop: Loop, body: Body | undefined, filter: Body | undefined): Run {
  return (frame) => {
    const result: unknown[] = [];
    each(loop, frame, (item) => {
      if (filter !== undefined && !truth(filter.run(frame), filter.node)) return true;
      frame.meter.produceItems(1);
      result.push(body === undefined ? item : body.run(frame));
      return true;
    });
    return result;
  };
}

/** Compiles `all` and `exists`. One item that decides is enough, whatever faults the other items have. */
function quantifier(loop: Loop, body: Body, deciding: boolean): Run {
  return (frame) => {
    let fault: { readonly error: unknown } | undefined;
    let isDecided = false;
    each(loop, frame, () => {
      try {
        isDecided = truth(body.run(frame), body.node) === deciding;
      } catch (error) {
        if (isFatal(error)) throw error;
        frame.meter.fault();
        fault ??= { error };
      }
      return !isDecided;
    });
    if (isDecided) return deciding;
    if (fault !== undefined) throw fault.error;
    return !deciding;
  };
}

function exactlyOne(loop: Loop, body: Body): Run {
  return (frame) => {
    let count = 0;
    each(loop, frame, () => {
      if (truth(body.run(frame), body.node)) count++;
      return true;
    });
    return count === 1;
  };
}

/** Compiles `has`: true when the property exists. Objects around it may be missing. */
function compileHas(compile: Compile, node: ASTNode, locals: Locals): Run {
  if (node.op !== '.') throw new ExpressionError('has() asks for a property, as in has(output.n)', node.pos);
  const run = compile(node, locals);
  return (frame) => run(frame) !== undefined;
}

/** Compiles `cel.bind(name, value, expression)`: the value is evaluated once. */
function compileBind(compile: Compile, [variable, value, body]: readonly ASTNode[], locals: Locals): Run {
  if (variable?.op !== 'id' || value === undefined || body === undefined)
    throw new ExpressionError('cel.bind() needs a name, a value and an expression', variable?.pos);
  const slot = locals.length;
  const valueOf = compile(value, locals);
  const run = compile(body, [...locals, variable.args]);
  return (frame) => {
    frame.locals[slot] = valueOf(frame);
    return run(frame);
  };
}
