/**
 * What is known of an expression's value before anything runs, and what can never be worked out because of it. Nothing is known of
 * results of tasks, so most is found where an expression says things about itself: a text as a condition, a status that there is not.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { createSuggest, didYouMean, type ExpressionTypes, type KnownType } from '@coppice/core';
import { childrenOf } from './cel-library.ts';
import { ExpressionError, sourceOf } from './expression-error.ts';
import type { Locals } from './frame.ts';
import { isNumber, numberIn } from './values.ts';

type Known = KnownType | undefined;
type Names = ExpressionTypes['names'];
type Kind = Extract<KnownType, string>;

const IN_WORDS: Readonly<Record<Kind, string>> = {
  boolean: 'true or false',
  number: 'a number',
  text: 'text',
  list: 'a list',
  map: 'a map',
};

/** Kinds of the results of functions and methods, where the kind is always the same. */
const RESULTS: Readonly<Record<string, Kind>> = {
  ...every('boolean', ['has', 'startsWith', 'endsWith', 'contains', 'matches', 'all', 'exists', 'exists_one', 'bool']),
  ...every('text', ['string', 'lower', 'upper', 'lowerAscii', 'upperAscii', 'trim', 'substring', 'replace', 'join']),
  ...every('number', ['size', 'int', 'double', 'uint', 'indexOf', 'lastIndexOf']),
  ...every('list', ['split', 'map', 'filter']),
};

const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

function every(kind: Kind, names: readonly string[]): Readonly<Record<string, Kind>> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

/** Throws an ExpressionError when the evaluation would always fail, or would never give a value of the required kind. */
export function checkTypes(node: ASTNode, { names, result }: ExpressionTypes): void {
  const kind = kindOf(typeOf(node, names, []));
  if (result === undefined || kind === undefined || kind === result) return;
  throw new ExpressionError(
    result === 'boolean'
      ? `\`${sourceOf(node)}\` is ${IN_WORDS[kind]}, and this must be true or false; compare it with something`
      : `\`${sourceOf(node)}\` is ${IN_WORDS[kind]}, and this must be ${IN_WORDS[result]}`,
    node.pos,
  );
}

function kindOf(type: Known): Kind | undefined {
  if (type === undefined || typeof type === 'string') return type;
  return 'oneOf' in type ? 'text' : 'map';
}

/** The type of a node. Throws an ExpressionError when its evaluation would always fail. */
function typeOf(node: ASTNode, names: Names, locals: Locals): Known {
  switch (node.op) {
    case 'value':
      return ofLiteral(node.args);
    case 'id':
      return !locals.includes(node.args) && Object.hasOwn(names, node.args) ? names[node.args] : undefined;
    case '.':
      return ofProperty(typeOf(node.args[0], names, locals), node.args[1], node.args[0]);
    case '[]': {
      const [of, key] = node.args;
      typeOf(key, names, locals);
      const from = typeOf(of, names, locals);
      return key.op === 'value' && typeof key.args === 'string' ? ofProperty(from, key.args, of) : undefined;
    }
    case '!_':
      mustBeTruth(node.args, names, locals);
      return 'boolean';
    case '||':
    case '&&':
      for (const side of node.args) mustBeTruth(side, names, locals);
      return 'boolean';
    case '?:': {
      const [condition, yes, no] = node.args;
      mustBeTruth(condition, names, locals);
      const kind = kindOf(typeOf(yes, names, locals));
      return kind === kindOf(typeOf(no, names, locals)) ? kind : undefined;
    }
    case 'call':
    case 'rcall':
      return ofCall(node, names, locals);
    case 'list':
    case 'map':
      for (const child of childrenOf(node)) typeOf(child, names, locals);
      return node.op;
    case '-_':
      typeOf(node.args, names, locals);
      return undefined;
    case '.?':
    case '[?]':
      return undefined;
    default:
      return ofBinary(node.op, node.args, { names, locals });
  }
}

function ofLiteral(value: unknown): Known {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  return isNumber(value) ? 'number' : undefined;
}

function ofProperty(from: Known, name: string, node: ASTNode): Known {
  if (typeof from === 'object' && 'properties' in from) {
    return Object.hasOwn(from.properties, name) ? from.properties[name] : undefined;
  }
  const kind = kindOf(from);
  if (kind === undefined || kind === 'map') return undefined;
  throw new ExpressionError(`\`${sourceOf(node)}\` is ${IN_WORDS[kind]}, which has no property '${name}'`, node.pos);
}

function mustBeTruth(node: ASTNode, names: Names, locals: Locals): void {
  const kind = kindOf(typeOf(node, names, locals));
  if (kind === undefined || kind === 'boolean') return;
  throw new ExpressionError(`\`${sourceOf(node)}\` is ${IN_WORDS[kind]}, neither true nor false`, node.pos);
}

function ofCall(node: Extract<ASTNode, { readonly op: 'call' | 'rcall' }>, names: Names, locals: Locals): Known {
  const name = node.args[0];
  const [variable, ...rest] = node.op === 'rcall' ? node.args[2] : [];
  const inner = variable?.op === 'id' && LOOPS.has(name) && rest.length > 0 ? [...locals, variable.args] : undefined;
  if (node.op === 'rcall' && name === 'bind') return undefined;
  if (inner === undefined) for (const child of childrenOf(node)) typeOf(child, names, locals);
  else {
    typeOf(node.args[1] as ASTNode, names, locals);
    for (const body of rest) typeOf(body, names, inner);
  }
  return Object.hasOwn(RESULTS, name) ? RESULTS[name] : undefined;
}

interface Around {
  readonly names: Names;
  readonly locals: Locals;
}

function ofBinary(operator: string, nodes: readonly [ASTNode, ASTNode], { names, locals }: Around): Known {
  const [left, right] = nodes.map((node) => typeOf(node, names, locals)) as [Known, Known];
  switch (operator) {
    case '==':
    case '!=':
      mustBeOneOf(left, nodes[0], nodes[1]);
      mustBeOneOf(right, nodes[1], nodes[0]);
      mayBeEqual([left, right], nodes);
      return 'boolean';
    case 'in':
      if (nodes[1].op === 'list')
        for (const item of nodes[1].args) {
          mustBeOneOf(left, nodes[0], item);
          mayBeEqual([left, typeOf(item, names, locals)], [nodes[0], item]);
        }
      return 'boolean';
    case '<':
    case '<=':
    case '>':
    case '>=':
      mustHaveOrder(operator, [kindOf(left), kindOf(right)], nodes);
      return 'boolean';
    default:
      return undefined;
  }
}

/** Refuses a comparison with a text that the other side can never be. */
function mustBeOneOf(type: Known, node: ASTNode, other: ASTNode): void {
  if (typeof type !== 'object' || !('oneOf' in type)) return;
  if (other.op !== 'value' || typeof other.args !== 'string' || type.oneOf.includes(other.args)) return;
  const hint = didYouMean(createSuggest(type.oneOf)(other.args));
  throw new ExpressionError(
    `\`${sourceOf(node)}\` is never '${other.args}', but one of ${type.oneOf.join(', ')}${hint}`,
    other.pos,
  );
}

/** Refuses a comparison that always says the same, because the sides are of different kinds; text that is written like a number equals it. */
function mayBeEqual([left, right]: readonly [Known, Known], nodes: readonly [ASTNode, ASTNode]): void {
  const [a, b] = [kindOf(left), kindOf(right)];
  if (a === undefined || b === undefined || a === b) return;
  const areTextAndNumber = [a, b].every((kind) => kind === 'text' || kind === 'number');
  if (areTextAndNumber && nodes.every(isLikeNumber) && canBeNumber(left) && canBeNumber(right)) return;
  const [first, second] = [
    `\`${sourceOf(nodes[0])}\` is ${IN_WORDS[a]}`,
    `\`${sourceOf(nodes[1])}\` is ${IN_WORDS[b]}`,
  ];
  throw new ExpressionError(`${first} and ${second}, so they are never equal`, nodes[0].pos);
}

/** False for one of several texts of which none is written like a number. */
function canBeNumber(type: Known): boolean {
  return typeof type !== 'object' || !('oneOf' in type) || type.oneOf.some((text) => numberIn(text) !== undefined);
}

/** Numbers, texts and truth values are in order with their like; text that is written like a number with numbers too. */
function mustHaveOrder(
  operator: string,
  [left, right]: readonly [Kind | undefined, Kind | undefined],
  nodes: readonly [ASTNode, ASTNode],
): void {
  const fits =
    left === undefined || right === undefined
      ? ![left, right].some((kind) => kind === 'list' || kind === 'map')
      : left === right
        ? left !== 'list' && left !== 'map'
        : [left, right].every((kind) => kind === 'text' || kind === 'number') && nodes.every(isLikeNumber);
  if (fits) return;
  const [a, b] = nodes.map((node, at) => {
    const kind = [left, right][at];
    return kind === undefined ? `\`${sourceOf(node)}\`` : `\`${sourceOf(node)}\` is ${IN_WORDS[kind]}`;
  });
  throw new ExpressionError(`'${operator}' does not fit: ${a} and ${b}`, nodes[0].pos);
}

/** False for a literal text that is not written like a number. */
function isLikeNumber(node: ASTNode): boolean {
  return node.op !== 'value' || typeof node.args !== 'string' || numberIn(node.args) !== undefined;
}
