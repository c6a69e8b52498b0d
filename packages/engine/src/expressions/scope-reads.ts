/** The reads of an expression: names in its scope, with the properties that are written after them. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { ScopeRead } from '@coppice/core';
import { childrenOf, TYPE_NAMES } from './cel-library.ts';

/** A node to look at; `locals`: the macros' variables around it. */
interface Place {
  readonly node: ASTNode;
  readonly locals: readonly string[];
}

/** Lists the reads in the order in which they are written. A computed property ends a path. */
export function listReads(root: ASTNode): readonly ScopeRead[] {
  const reads: ScopeRead[] = [];
  const stack: Place[] = [{ node: root, locals: [] }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { node, locals } = place;
    const found = pathOf(node);
    if (found === undefined) stack.push(...partsOf(node, locals));
    else {
      const { read, keys } = found;
      const [name] = read.path;
      if (!locals.includes(name as string) && !TYPE_NAMES.has(name as string)) reads.push(read);
      for (const key of keys) stack.push({ node: key, locals });
    }
  }
  return reads.sort((a, b) => a.start - b.start);
}

/** The path of a node, if it is a path. `keys`: the computed keys in it. */
function pathOf(node: ASTNode): { readonly read: ScopeRead; readonly keys: readonly ASTNode[] } | undefined {
  const path: (string | number)[] = [];
  const keys: ASTNode[] = [];
  let { end } = node.range;
  let at = node;
  for (; at.op === '.' || at.op === '[]'; at = at.args[0]) {
    const key = at.op === '.' ? at.args[1] : literalOf(at.args[1]);
    if (key === undefined) {
      // The path ends at a computed key.
      path.length = 0;
      keys.push(at.args[1] as ASTNode);
      end = at.args[0].range.end;
    } else path.unshift(key);
  }
  if (at.op !== 'id') return undefined;
  return { read: { path: [at.args, ...path], start: at.range.start, end }, keys };
}

function literalOf(node: ASTNode): string | number | undefined {
  if (node.op !== 'value') return undefined;
  if (typeof node.args === 'string') return node.args;
  return typeof node.args === 'bigint' ? Number(node.args) : undefined;
}

function partsOf(node: ASTNode, locals: readonly string[]): readonly Place[] {
  if (node.op === 'rcall') return partsOfMethod(node.args, locals);
  return childrenOf(node).map((each) => ({ node: each, locals }));
}

const WITH_VARIABLE: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

function partsOfMethod(
  [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]],
  locals: readonly string[],
): readonly Place[] {
  const [variable, ...rest] = args;
  const places = (nodes: readonly ASTNode[], names: readonly string[]): readonly Place[] =>
    nodes.map((node) => ({ node, locals: names }));
  if (variable?.op === 'id' && WITH_VARIABLE.has(name) && rest.length > 0)
    return [{ node: receiver, locals }, ...places(rest, [...locals, variable.args])];
  if (variable?.op === 'id' && name === 'bind' && rest.length === 2 && receiver.op === 'id' && receiver.args === 'cel')
    return [...places(rest.slice(0, 1), locals), ...places(rest.slice(1), [...locals, variable.args])];
  return places([receiver, ...args], locals);
}
