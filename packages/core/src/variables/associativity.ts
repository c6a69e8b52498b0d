/** Tries a contributed merge on generated values: it has to be associative, and to give the same result for the same values. */
import type { Json, MergeFunction } from '@coppice/extension';
import { createSeededRandom } from '../random/seeded.ts';

const TRIPLES = 300;

/** What is wrong with a merge, with the values that show it; undefined: nothing was found. */
export function findAssociativityFault(name: string, merge: MergeFunction): string | undefined {
  const random = createSeededRandom({ seed: 'merges', taskId: name, attempt: 1, purpose: 'associativity' });
  for (let at = 0; at < TRIPLES; at++) {
    const kind = at % KINDS.length;
    const [a, b, c] = [0, 1, 2].map(() => (KINDS[kind] as Generate)((below) => random.integer(below))) as [
      Json,
      Json,
      Json,
    ];
    const ways = [
      () => merge(merge(copy(a), copy(b)), copy(c)),
      () => merge(copy(a), merge(copy(b), copy(c))),
      () => merge(merge(copy(a), copy(b)), copy(c)),
    ].map(result);
    const [left, right, again] = ways;
    const values = [a, b, c].map((value) => JSON.stringify(value)).join(', ');
    if (left !== again) return `it gives ${left} and then ${again} for the same values ${values}`;
    // What does not fit is refused both ways, or is no value that anybody will write.
    if (left !== undefined && right !== undefined && left !== right)
      return `it is not associative: of ${values} it makes ${left} from the left and ${right} from the right`;
  }
  return undefined;
}

function result(way: () => Json): string | undefined {
  try {
    const value: unknown = way();
    return (
      JSON.stringify(value, (_key, each: unknown) =>
        typeof each === 'number' && !Number.isFinite(each) ? String(each) : each,
      ) ?? 'nothing'
    );
  } catch {
    return undefined;
  }
}

function copy(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

type Generate = (integer: (below: number) => number) => Json;

const word: Generate = (integer) => ['', 'a', 'b', 'ab', 'c'][integer(5)] as string;
const KINDS: readonly Generate[] = [
  (integer) => integer(21) - 10,
  word,
  (integer) => integer(2) === 0,
  (integer) => Array.from({ length: integer(4) }, () => integer(5)),
  (integer) => Object.fromEntries(Array.from({ length: integer(4) }, () => [`k${integer(3)}`, integer(5)])),
  (integer) =>
    Object.fromEntries(
      Array.from({ length: integer(3) }, () => [`k${integer(2)}`, { x: integer(3), y: word(integer) }]),
    ),
];
