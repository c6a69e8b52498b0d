/** Finds the name a person probably meant. */
import editDistance from 'damerau-levenshtein';

/** Longer words are no slips of the pen, and comparing them costs the product of their lengths. */
const WORD_LENGTH_MAX = 64;

/** The candidate nearest to `word`, or undefined when none is near enough to be a slip of the pen. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > WORD_LENGTH_MAX) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase()).steps;
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
