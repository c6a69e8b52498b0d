/** The hash of a run: equal for equal trees in equal states, however they came to be in memory. */
import { createHash } from 'node:crypto';
import { canonicalText, factsOf, type Clock, type RunState } from '@coppice/core';
import { nextTurn } from './next-turn.ts';

/** Tasks that are hashed in one turn of the event loop. */
const PAGE = 2_000;

/** SHA-256 in hex over all facts of the run. The run must not change meanwhile. */
export async function stateHash(run: RunState, clock: Clock): Promise<string> {
  const hash = createHash('sha256');
  hash.update(canonicalText(factsOf(run, []).tree));
  for (let at = 0; at < run.tasks.length; at += PAGE) {
    if (at > 0) await nextTurn(clock);
    hash.update(canonicalText(factsOf(run, run.tasks.slice(at, at + PAGE)).tasks));
  }
  return hash.digest('hex');
}
