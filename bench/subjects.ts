/** The subjects that need no installation: ours in three modes, and the floors. */
import { coppiceSubject } from './coppice/coppice-subject.ts';
import { STORE_MODES } from './coppice/open-engine.ts';
import { eventFloor } from './floors/event-floor.ts';
import { memoryFloor } from './floors/memory-floor.ts';
import type { Subject } from './subject.ts';

export const SUBJECTS: readonly Subject[] = [
  memoryFloor,
  eventFloor('normal', 'own-commit'),
  eventFloor('normal', 'shared-commit'),
  eventFloor('full', 'own-commit'),
  eventFloor('full', 'shared-commit'),
  ...STORE_MODES.map(coppiceSubject),
];

/** Ours, a floor or a peer. Throws for any other name. */
export async function findSubject(name: string): Promise<Subject> {
  const ours = SUBJECTS.find((subject) => subject.name === name);
  if (ours !== undefined) return ours;
  const { PEERS } = await import('./peers/peers.ts');
  const peer = PEERS.find((subject) => subject.name === name);
  if (peer !== undefined) return peer;
  throw new Error(`No subject "${name}"; there are ${[...SUBJECTS, ...PEERS].map((each) => each.name).join(', ')}`);
}
