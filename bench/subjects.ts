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

export async function findSubject(name: string): Promise<Subject> {
  const subject = SUBJECTS.find((candidate) => candidate.name === name);
  if (subject === undefined)
    throw new Error(`No subject "${name}"; there are ${SUBJECTS.map((each) => each.name).join(', ')}`);
  return subject;
}
