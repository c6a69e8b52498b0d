/**
 * Regular expressions by RE2: for every pattern the time is in proportion to text and pattern. A use costs the same whether the pattern
 * was compiled before or not, so that the budget of an expression does not depend on other expressions.
 */
import { RE2JS } from 're2js';
import { ExpressionError } from './expression-error.ts';
import type { Meter } from './meter.ts';

const PATTERN_LENGTH_MAX = 1_000;
/** Most instructions of a compiled pattern. Repetitions are written out in it. */
const PROGRAM_MAX = 500;
/** Steps that compiling an instruction takes. */
const STEPS_PER_INSTRUCTION = 40;
/** Instructions that are tried on a character in the time of one step, in the worst case. */
const TRIES_PER_STEP = 4;
const COMPILED_MAX = 200;

/** A pattern that is ready to be looked for. */
export interface Pattern {
  /** Steps to compile the pattern. */
  readonly steps: number;
  /** True when it matches somewhere in the text. */
  isIn(text: string, meter: Meter): boolean;
}

const compiled = new Map<string, Pattern>();

/** Most repetitions, multiplied out, of a pattern that is cheap to compile. */
const CHEAP_MAX = 64;

/** True for a pattern that costs as little to compile as it is short: repetitions may make it a hundred times longer. */
export function isCheap(pattern: string): boolean {
  let repetitions = 1;
  for (const [, count] of pattern.matchAll(/\{(?:\d*,)?(\d+)/g)) repetitions *= Math.max(Number(count), 1);
  return repetitions <= CHEAP_MAX;
}

/** A pattern without special characters: it is searched as plain text. */
const LITERAL = /^[\w\s,;:'"=!<>@#%&/~-]*$/;

/** Compiles a pattern. Throws an ExpressionError for a pattern that RE2 does not accept. */
export function compilePattern(pattern: string): Pattern {
  if (pattern.length > PATTERN_LENGTH_MAX)
    throw new ExpressionError(`the pattern has ${pattern.length} characters, more than ${PATTERN_LENGTH_MAX}`);
  let known = compiled.get(pattern);
  if (known === undefined) {
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    known = LITERAL.test(pattern) ? literal(pattern) : program(pattern);
    compiled.set(pattern, known);
  }
  return known;
}

function literal(pattern: string): Pattern {
  return {
    steps: 0,
    isIn(text, meter) {
      meter.scan(text.length, pattern.length + 1);
      return text.includes(pattern);
    },
  };
}

function program(pattern: string): Pattern {
  const re2 = compileNew(pattern);
  const size = re2.programSize();
  if (size > PROGRAM_MAX)
    throw new ExpressionError(`the pattern '${shown(pattern)}' is too large once its repetitions are written out`);
  return {
    steps: size * STEPS_PER_INSTRUCTION,
    isIn(text, meter) {
      meter.steps((text.length * size) / TRIES_PER_STEP);
      return re2.test(text);
    },
  };
}

function compileNew(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const message = (error as Error).message.replace(/^error parsing regexp: /, '');
    throw new ExpressionError(`'${shown(pattern)}' is no regular expression that RE2 knows: ${message}`);
  }
}

function shown(pattern: string): string {
  return pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern;
}
