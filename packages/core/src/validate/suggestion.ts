/** "Did you mean …?": the closest known word to a mistyped one. */

/** Suggestions looked up for one submission: each compares with every known word, so their number is bounded. */
const MAX_SUGGESTIONS = 20;
/** Longer words are no slips of the pen. */
const WORD_LENGTH_MAX = 64;
/** Pairs of letters compared for one submission, at most: about a tenth of a second. */
const PAIRS_MAX = 10_000_000;

/** Finds suggestions among fixed words, a bounded number of times; answers undefined when nothing is close. */
export type Suggest = (word: string) => string | undefined;

/** A bounded look-up among these words. */
export function createSuggest(words: Iterable<string>): Suggest {
  let left = MAX_SUGGESTIONS;
  const budget = { pairs: PAIRS_MAX };
  return (word) => {
    if (left === 0 || word.length > WORD_LENGTH_MAX) return undefined;
    left--;
    return closestWord(word, words, budget);
  };
}

/** The words in which a suggestion is given to people; empty when there is none. */
export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
}

function closestWord(word: string, words: Iterable<string>, budget: { pairs: number }): string | undefined {
  let closest: string | undefined;
  // One slip in a short word, two from five letters; a single letter is like every other one.
  let least = Math.floor((word.length + 1) / 3) + 1;
  const lower = word.toLowerCase();
  for (const candidate of words) {
    budget.pairs -= 1;
    if (budget.pairs < 0) break;
    if (Math.abs(candidate.length - word.length) >= least) continue;
    budget.pairs -= candidate.length * word.length;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    closest = candidate;
  }
  return closest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string alignment), by rows. */
function editDistance(a: string, b: string): number {
  let above: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const twoAbove = above;
    above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (twoAbove[j - 2] as number) + 1 : Infinity;
      row.push(Math.min(replaced, swapped, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return row[b.length] as number;
}
