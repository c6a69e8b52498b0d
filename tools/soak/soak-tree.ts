/** Trees of the soak: every shape, each task with one effect in the outside world. */
import { isGroup, type SeededRandom, type TaskSubmission } from '@coppice/core';

/**
 * Takes its key once, as a payment service would: a key that is in the file is not written again. Two of the same key at work at once
 * would both write it; so would an attempt that goes on beside its successor.
 */
const EFFECT = [
  'grep -qF "$COPPICE_IDEMPOTENCY_KEY " "$1" || {',
  '  while [ -e "$3" ]; do sleep 0.05; done',
  '  sleep "$2"; echo "$COPPICE_IDEMPOTENCY_KEY $$" >> "$1"',
  '}',
  'sleep "$2"',
].join('\n');

/** Share of commands that wait for the hold. */
const HELD = 0.4;

export interface SoakTreeOptions {
  readonly random: SeededRandom;
  readonly effects: string;
  /** While this file is there, some commands wait before their effect: they are at work when the kill comes, and after it. */
  readonly hold: string;
  /** Part of the command line of every command, so that it is found among all processes. */
  readonly mark: string;
}

/** A group of groups whose members depend on earlier ones, or on nothing; some wait first. */
export function soakTree({ random, effects, hold, mark }: SoakTreeOptions): readonly TaskSubmission[] {
  const groups = 1 + random.integer(3);
  const tasks: TaskSubmission[] = [{ name: 'root' }];
  const earlier: string[] = [];
  for (let group = 0; group < groups; group++) {
    const parent = `g${group}`;
    const isBehind = group > 0 && random.next() < 0.5;
    tasks.push({ name: parent, parentId: 'root', dependencies: isBehind ? [`g${group - 1}`] : [] });
    for (let count = 1 + random.integer(4); count > 0; count--) {
      const name = `${parent}-t${count}`;
      const seconds = String((1 + random.integer(8)) / 100);
      const before = earlier[random.integer(earlier.length + 1)];
      tasks.push({
        name,
        parentId: parent,
        dependencies: before !== undefined && before.startsWith(parent) ? [before] : [],
        executor: 'command',
        inputs: {
          command: 'sh',
          args: ['-c', EFFECT, mark, effects, seconds, random.next() < HELD ? hold : ''],
          killGraceMs: 100,
        },
      });
      earlier.push(name);
    }
  }
  return tasks;
}

/** Tasks of a tree that have an effect. */
export function effectsOf(tasks: readonly TaskSubmission[]): number {
  return tasks.filter((task) => !isGroup(task)).length;
}
