/** All waves, in the order in which they run. */
import type { Wave } from './wave.ts';
import { definitionBombs } from './waves/definition-bombs.ts';
import { eventStreams } from './waves/event-streams.ts';
import { hostileAnswers } from './waves/hostile-answers.ts';
import { hostileCommands } from './waves/hostile-commands.ts';
import { hostileValues } from './waves/hostile-values.ts';
import { malformedFrames } from './waves/malformed-frames.ts';
import { malformedPosts } from './waves/malformed-posts.ts';
import { malformedSockets } from './waves/malformed-sockets.ts';
import { rawSockets } from './waves/raw-sockets.ts';
import { wrongOwner } from './waves/wrong-owner.ts';

export const WAVES: readonly Wave[] = [
  malformedPosts,
  malformedSockets,
  malformedFrames,
  eventStreams,
  hostileValues,
  wrongOwner,
  rawSockets,
  definitionBombs,
  hostileAnswers,
  hostileCommands,
];
