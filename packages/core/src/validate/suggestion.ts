/** Suggestions ("Did you mean …?"): finds the known word that is closest to a mistyped one. */
import editDistance from 'damerau-levenshtein';

/** Most suggestions that are searched for one submission. The number is limited, because each search compares with every known word. */
const MAX_SUGGESTIONS = 20;
/** Longest word for which a suggestion is searched. */
const WORD_LENGTH_MAX = 64;
/** Most pairs of letters that are compared for one submission. This takes about a tenth of a second. */
const PAIRS_MAX = 10_000_000;

/** Finds the closest word; undefined when none is close, or when too many suggestions were searched. */
export type Suggest = (word: string) => string | undefined;

/** Makes a search for suggestions among these words. The number of searches is limited. */
export function createSuggest(words: Iterable<string>): Suggest {
  let left = MAX_SUGGESTIONS;
  const budget = { pairs: PAIRS_MAX };
  return (word) => {
    if (left === 0 || word.length > WORD_LENGTH_MAX) return undefined;
    left--;
    return closestWord(word, words, budget);
  };
}

/** The end of a message that gives the suggestion to people; empty when there is none. */
export function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
}

function closestWord(word: string, words: Iterable<string>, budget: { pairs: number }): string | undefined {
  let closest: string | undefined;
  // Longer words may differ in more letters: one from two letters on, two from five, three from eight. A single letter gets no suggestion.
  let least = Math.floor((word.length + 1) / 3) + 1;
  const lower = word.toLowerCase();
  for (const candidate of words) {
    budget.pairs -= 1;
    if (budget.pairs < 0) break;
    if (Math.abs(candidate.length - word.length) >= least) continue;
    budget.pairs -= candidate.length * word.length;
    const distance = editDistance(lower, candidate.toLowerCase()).steps;
    if (distance >= least) continue;
    least = distance;
    closest = candidate;
  }
  return closest;
}
