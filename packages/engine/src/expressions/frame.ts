/** Shared by the compiled parts of an expression: the present evaluation, and small checks of values. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { ExpressionError, isMap, saying } from './expression-error.ts';
import type { Meter } from './meter.ts';

/** One evaluation. */
export interface Frame {
  readonly scope: Readonly<Record<string, unknown>>;
  /** Values of the macros' variables, the outermost first. */
  readonly locals: unknown[];
  readonly meter: Meter;
}

export type Run = (frame: Frame) => unknown;

/** Variables of the macros around a place, the outermost first. */
export type Locals = readonly string[];

export type Compile = (node: ASTNode, locals: Locals) => Run;

/** A call as it is written. */
export interface Call {
  readonly name: string;
  /** The value before the dot of a method; undefined for a function. */
  readonly receiver: ASTNode | undefined;
  readonly args: readonly ASTNode[];
}

/** Returns a truth value. Throws for any other value. */
export function truth(value: unknown, node: ASTNode): boolean {
  if (typeof value === 'boolean') return value;
  throw new ExpressionError(`${saying(node, value)}, neither true nor false`, node.pos);
}

/** The items that a macro visits: those of a list, or the keys of a map. */
export function itemsOf(value: unknown, node: ASTNode, meter: Meter): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isMap(value)) throw new ExpressionError(`${saying(node, value)}, neither a list nor a map`, node.pos);
  const keys = Object.keys(value);
  meter.keys(keys.length);
  meter.produceItems(keys.length);
  return keys;
}
