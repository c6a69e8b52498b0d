/**
 * Numbers that look random but follow from their seed alone (rule 10, R-DR-02). Tasks share no stream of numbers, so one task never changes
 * the numbers of another.
 *
 * The hash is cyrb53/cyrb128 and the generator sfc32 (Chris Doty-Humphrey's PractRand), both as published by bryc in
 * https://github.com/bryc/code/tree/master/jshash (public domain). Neither is meant to be secret.
 */
import type { SeededRandom } from '@coppice/extension';

/** What a random number is derived from. Different parts give unrelated numbers. */
export interface SeedParts {
  /** Seed of the run. */
  readonly seed: string;
  readonly taskId: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** What the number is for, e.g. `jitter`. */
  readonly purpose: string;
}

/** A 53-bit hash of the parts, as a non-negative safe integer. */
export function hashParts(parts: readonly (string | number)[]): number {
  const text = joinParts(parts);
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}

/** One uniform number in [0, 1). */
export function seededFraction(parts: SeedParts): number {
  return hashParts(partsOf(parts)) / 2 ** 53;
}

/** Makes a generator for these parts. */
export function createSeededRandom(parts: SeedParts): SeededRandom {
  const words = hashWords(joinParts(partsOf(parts)));
  const nextWord = (): number => {
    const sum = (((words[0] + words[1]) | 0) + words[3]) | 0;
    words[3] = (words[3] + 1) | 0;
    words[0] = words[1] ^ (words[1] >>> 9);
    words[1] = (words[2] + (words[2] << 3)) | 0;
    words[2] = (words[2] << 21) | (words[2] >>> 11);
    words[2] = (words[2] + sum) | 0;
    return sum >>> 0;
  };
  // The first words of sfc32 still show the seed; its author discards twelve.
  for (let round = 0; round < 12; round++) nextWord();
  const next = (): number => ((nextWord() >>> 5) * 67108864 + (nextWord() >>> 6)) / 2 ** 53;
  return {
    next,
    integer(below) {
      if (!Number.isSafeInteger(below) || below < 1) {
        throw new RangeError(`integer(below) needs a whole number of at least 1, not ${below}`);
      }
      return Math.floor(next() * below);
    },
  };
}

function partsOf(parts: SeedParts): readonly (string | number)[] {
  return [parts.seed, parts.taskId, parts.attempt, parts.purpose];
}

/** Joins the parts, each with its length in front, so that ['ab', 'c'] and ['a', 'bc'] differ. */
function joinParts(parts: readonly (string | number)[]): string {
  return parts
    .map((part) => {
      const text = String(part);
      return `${text.length}:${text}`;
    })
    .join('');
}

/** cyrb128: four words that seed the generator. */
function hashWords(text: string): [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ unit, 597399067);
    b = c ^ Math.imul(b ^ unit, 2869860233);
    c = d ^ Math.imul(c ^ unit, 951274213);
    d = a ^ Math.imul(d ^ unit, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  a ^= b ^ c ^ d;
  return [a, b ^ a, c ^ a, d ^ a];
}
