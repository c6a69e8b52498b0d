/**
 * Somebody who answers what waits, in any order: most once, some twice at once, some with the id of another task first. What the answers
 * say follows from the task, so that outcomes can be compared. It looks again and again until all runs have ended.
 */
import assert from 'node:assert/strict';
import {
  createSeededRandom,
  isRunTerminal,
  isTerminal,
  type Actor,
  type Outcome,
  type SeededRandom,
  type TaskId,
} from '@coppice/core';
import type { Engine } from '@coppice/engine';
import { SAME_SIGNAL } from './flow-tasks.ts';
import type { InvariantChecker } from './invariant-checker.ts';
import { stable } from './simulated-growth.ts';
import type { SimulatedPersonOptions } from './simulated-person.ts';

export interface SimulatedClerkOptions extends Pick<
  SimulatedPersonOptions,
  'random' | 'checker' | 'engine' | 'setTimer'
> {
  /** Does what nobody waits for; a line tells what it was. */
  readonly work: (work: Promise<string>) => void;
  /** From then on everything is answered at the next look. */
  readonly hurriesAtMs: number;
  readonly elapsedMs: () => number;
}

const LOOK_MS = 12;
/** Between two looks when there was nothing to answer for long: a clock that was set back delays what has a time. */
const LOOK_MAX_MS = 2_000;
/** Looks without a run that goes on, after which none will. */
const QUIET_LOOKS_MAX = 20;
/** What has not ended by then does not end. */
const GIVES_UP_MS = 1_000_000;

export function planAnswers(options: SimulatedClerkOptions): void {
  const { random, checker, engine, setTimer, work, hurriesAtMs, elapsedMs } = options;
  let quietLooks = 0;
  let pauseMs = LOOK_MS;
  const look = (): void => {
    const asked = engine();
    pauseMs = elapsedMs() < hurriesAtMs ? LOOK_MS : Math.min(2 * pauseMs, LOOK_MAX_MS);
    const told = asked === undefined ? undefined : answerSome(asked, options);
    if (told !== undefined)
      work(
        told.then((line) => {
          if (line !== '') pauseMs = LOOK_MS;
          return line;
        }),
      );
    const goesOn = checker.listRuns().some(({ status }) => status !== 'created' && !isRunTerminal(status));
    quietLooks = goesOn ? 0 : quietLooks + 1;
    if (quietLooks < QUIET_LOOKS_MAX && elapsedMs() < GIVES_UP_MS) setTimer(pauseMs, look);
  };
  setTimer(random.integer(LOOK_MS), look);
}

async function answerSome(engine: Engine, options: SimulatedClerkOptions): Promise<string> {
  const { random, checker, hurriesAtMs, elapsedMs } = options;
  const waits = await engine.waits();
  const told: string[] = [];
  const isHurried = elapsedMs() >= hurriesAtMs;
  const chosen = waits.filter(({ dueAtMs }) => isHurried || random.next() < (dueAtMs === null ? 0.5 : 0.1));
  for (const { taskId, treeId, userId, kind, signal } of shuffled(chosen, random)) {
    const clerk = new Clerk(engine, { userId, face: 'rpc' });
    if (kind === 'signal') {
      const id = random.next() < 0.5 ? `for ${taskId}` : undefined;
      // More than one task may have waited, or none any more: then it is early for the next one.
      const sent = await engine.signal(treeId, { name: signal, payload: payloadOf(signal), id });
      told.push(`${signal} for ${taskId}: ${codeOf(sent)}`);
      continue;
    }
    if (random.next() < 0.2) await clerk.answerWrongly(checker);
    told.push(`${taskId}: ${random.next() < 0.3 ? await clerk.answerTwice(taskId) : await clerk.answerOnce(taskId)}`);
  }
  return told.length === 0 ? '' : `answers: ${told.join(', ')}`;
}

class Clerk {
  readonly #engine: Engine;
  readonly #actor: Actor;

  constructor(engine: Engine, actor: Actor) {
    this.#engine = engine;
    this.#actor = actor;
  }

  async answerOnce(taskId: TaskId): Promise<string> {
    return codeOf(await this.#answer(taskId));
  }

  /** Of two answers at once one is taken at most. */
  async answerTwice(taskId: TaskId): Promise<string> {
    const answers = await Promise.all([this.#answer(taskId), this.#answer(taskId)]);
    const taken = answers.filter(({ ok }) => ok).length;
    assert.ok(taken < 2, `${taskId} has taken two answers`);
    return answers.map(codeOf).join(' and ');
  }

  /** Answers what there is not, and what waits no longer. */
  async answerWrongly(checker: InvariantChecker): Promise<void> {
    const unknown = await this.#answer('nobody' as TaskId);
    assert.ok(!unknown.ok, 'an answer to an unknown task is taken');
    const ended = checker.listRuns().flatMap(({ tasks }) => tasks.find(({ status }) => isTerminal(status)) ?? []);
    // Somebody may have opened the run again meanwhile; the signals of the log are checked by themselves.
    for (const { id } of ended) await this.#answer(id);
  }

  #answer(taskId: TaskId): Promise<Outcome<unknown>> {
    const approved = isApproved(taskId);
    return this.#engine.answer(taskId, { approved, comment: stable(taskId), actor: this.#actor, isAdmin: false });
  }
}

function isApproved(taskId: TaskId): boolean {
  return (
    createSeededRandom({ seed: 'answers', taskId: stable(taskId), attempt: 1, purpose: 'approved' }).integer(4) > 0
  );
}

function payloadOf(signal: string): string {
  return signal === SAME_SIGNAL ? 'signed' : `for ${signal}`;
}

function codeOf(answer: Outcome<unknown>): string {
  return answer.ok ? 'ok' : answer.rejection.code;
}

function shuffled<T>(items: readonly T[], random: SeededRandom): readonly T[] {
  return items
    .map((item) => ({ item, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
