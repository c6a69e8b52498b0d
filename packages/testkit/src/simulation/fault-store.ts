/** A store as one process of a simulation sees it: appends fail, are slow, refuse a part, or are the last thing that the process does. */
import {
  InvariantError,
  TransientError,
  type RefusedPart,
  type SeededRandom,
  type Store,
  type StreamAppend,
  type TreeAppend,
  type TreeId,
} from '@coppice/core';
import type { ProcessClock } from './virtual-clock.ts';

/** How often what happens to an append or a read; each a share of 1. */
export interface FaultRates {
  /** The append is refused with a `TransientError`, nothing is stored. */
  readonly appendFails: number;
  readonly appendIsSlow: number;
  /** The store reads what it was given some ms after the call. */
  readonly appendIsLate: number;
  readonly crashBeforeAppend: number;
  readonly crashAfterAppend: number;
  readonly readIsSlow: number;
}

export const NO_FAULTS: FaultRates = {
  appendFails: 0,
  appendIsSlow: 0,
  appendIsLate: 0,
  crashBeforeAppend: 0,
  crashAfterAppend: 0,
  readIsSlow: 0,
};

export const STORM: FaultRates = {
  appendFails: 0.06,
  appendIsSlow: 0.3,
  appendIsLate: 0.2,
  crashBeforeAppend: 0.02,
  crashAfterAppend: 0.03,
  readIsSlow: 0.2,
};
/** Share of appends of which the store refuses a part. */
export const REFUSED = 0.04;
/** Share of appends before which another writer appends to one of the same trees. */
export const ANOTHER = 0.08;

/** Refusals of one tree in one process: the engine sets a run aside that is refused again and again. */
const REFUSALS_MAX = 2;

export interface FaultStoreOptions {
  /** What survives all crashes. */
  readonly inner: Store;
  readonly clock: ProcessClock;
  readonly random: SeededRandom;
  readonly rates: () => FaultRates;
  /** Says of an append if the store refuses one part of it: at most twice of a tree, and never a creation. */
  readonly refuses: () => boolean;
  /** What another writer appends just before to one of the same trees, if it does. */
  readonly another: (batch: readonly StreamAppend[]) => TreeAppend | undefined;
  readonly isDead: () => boolean;
  /** The process ends here. */
  readonly crash: (when: string) => void;
  /** Called before an append. The function that it answers is called when the append is durable, before anybody else knows. */
  readonly onAppend: (batch: readonly StreamAppend[]) => () => void;
  /** A part is refused, for this reason. */
  readonly onRefused: (part: TreeAppend, code: RefusedPart['code']) => void;
}

/** Wraps a store for one process. A dead process gets no answer any more. */
export function createFaultStore(options: FaultStoreOptions): Store {
  const { inner, isDead } = options;
  const refusals = new Map<TreeId, number>();
  const append = (batch: readonly StreamAppend[]): Promise<readonly RefusedPart[]> =>
    appendOrFail(options, batch, refusals);
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'append') return append;
      if (name === 'isDurable') return true;
      const member = Reflect.get(target, name, target) as (...parameters: unknown[]) => Promise<unknown>;
      return (...parameters: unknown[]): Promise<unknown> => {
        if (isDead()) return new Promise(() => {});
        return slowly(options, Reflect.apply(member, target, parameters), options.rates().readIsSlow);
      };
    },
  });
}

function appendOrFail(
  options: FaultStoreOptions,
  batch: readonly StreamAppend[],
  refusals: Map<TreeId, number>,
): Promise<readonly RefusedPart[]> {
  const { random, crash, isDead } = options;
  if (isDead()) return new Promise(() => {});
  const rates = options.rates();
  const chance = random.next();
  let share = rates.crashBeforeAppend;
  if (chance < share) {
    crash('before an append');
    return new Promise(() => {});
  }
  share += rates.appendFails;
  if (chance < share) {
    const failed = Promise.reject(new TransientError('The simulated disk is busy', { code: 'storage/busy' }));
    return slowly(options, failed, rates.appendIsSlow);
  }
  const refusal = refusedPartOf(batch, refusals, options.refuses());
  const store = (): Promise<readonly RefusedPart[]> => {
    if (isDead()) return new Promise(() => {});
    if (refusal !== undefined) return appendWithout(options, batch, refusal);
    const first = options.another(batch);
    return first === undefined ? stored(options, batch) : appendAfter(options, first, batch);
  };
  const isLate = rates.appendIsLate > 0 && random.next() < rates.appendIsLate;
  const appended = isLate ? pause(options).then(store) : store();
  share += rates.crashAfterAppend;
  if (chance < share) {
    void appended.then(() => crash('after an append'));
    return new Promise(() => {});
  }
  return slowly(options, appended, rates.appendIsSlow);
}

/** Stores all parts but the one that is refused. */
async function appendWithout(
  options: FaultStoreOptions,
  batch: readonly StreamAppend[],
  refusal: RefusedPart,
): Promise<readonly RefusedPart[]> {
  options.onRefused(batch[refusal.part] as TreeAppend, refusal.code);
  await stored(options, batch.toSpliced(refusal.part, 1));
  return [refusal];
}

/** Stores what another writer appends to a run, then the batch: of that the store must refuse the part of the same run, and nothing else. */
async function appendAfter(
  options: FaultStoreOptions,
  first: TreeAppend,
  batch: readonly StreamAppend[],
): Promise<readonly RefusedPart[]> {
  await stored(options, [first]);
  const late = batch.findIndex((part) => part.kind === 'tree' && part.tree.treeId === first.tree.treeId);
  options.onRefused(batch[late] as TreeAppend, 'storage/conflict');
  const onAppended = options.onAppend(batch.toSpliced(late, 1));
  const refused = await options.inner.append(batch);
  const found = refused.map(({ part, code }) => `${part} ${code}`).join();
  if (found !== `${late} storage/conflict`)
    throw new InvariantError(`Another writer was faster at part ${late}, and the store refuses ${found}`);
  onAppended();
  return options.isDead() ? new Promise(() => {}) : refused;
}

/** Stores a batch of which nothing may be refused. */
async function stored(
  { inner, onAppend, isDead }: FaultStoreOptions,
  batch: readonly StreamAppend[],
): Promise<readonly RefusedPart[]> {
  const onAppended = onAppend(batch);
  const refused = await inner.append(batch);
  if (refused.length > 0) throw new InvariantError(`The store refuses ${JSON.stringify(refused)}`);
  onAppended();
  return isDead() ? new Promise(() => {}) : refused;
}

/** The first part that may be refused. `refusals`: how many there were, by tree. */
function refusedPartOf(
  batch: readonly StreamAppend[],
  refusals: Map<TreeId, number>,
  isWanted: boolean,
): RefusedPart | undefined {
  if (!isWanted) return undefined;
  const part = batch.findIndex(
    (each) =>
      each.kind === 'tree' &&
      (refusals.get(each.tree.treeId) ?? 0) < REFUSALS_MAX &&
      each.events[0]?.type !== 'TreeCreated',
  );
  const refused = batch[part];
  if (refused?.kind !== 'tree') return undefined;
  refusals.set(refused.tree.treeId, (refusals.get(refused.tree.treeId) ?? 0) + 1);
  return { part, code: 'storage/refused', message: 'The values can not be written in the simulation' };
}

/** Some ms of the simulation. */
function pause({ clock, random }: FaultStoreOptions): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(1 + random.integer(15), resolve));
}

/** Passes an answer on, in a share of the cases only after some ms. */
async function slowly<T>(options: FaultStoreOptions, answer: Promise<T>, rate: number): Promise<T> {
  const delay = rate > 0 && options.random.next() < rate ? pause(options) : undefined;
  const settled = answer.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await delay;
  const outcome = await settled;
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
