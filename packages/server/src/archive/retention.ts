/**
 * Retention: the runs that have ended long enough ago, or of which there are enough newer ones, leave the store. The first rule of the
 * configuration that is about a run decides. A run that is under way never goes, and neither does one that was restored from the archive.
 */
import { isMatch } from '@coppice/core';
import type { TaskListItem } from '@coppice/core';
import type { Engine, Logger } from '@coppice/engine';
import type { Result } from '@coppice/protocol';
import type { ServerConfig } from '../config.ts';
import { refusalItem } from '../rpc/answer.ts';
import type { Answer } from '../rpc/answer.ts';
import { isoTime } from '../wire/time.ts';
import type { Archives } from './archives.ts';

type Rule = ServerConfig['retention']['rules'][number];
type Leaving = Result<'retention.apply'>['items'][number];

/** Trees of one read. */
const PAGE = 200;
/** Runs that go in one round of the server. */
const ROUND = 100;

interface RetentionOptions {
  readonly engine: Engine;
  readonly archives: Archives;
  readonly rules: readonly Rule[];
  readonly everyMs: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Applies the rules again and again. The first time is after one interval, so that a short process does nothing of it. */
  start(): void {
    if (this.#options.rules.length === 0 || this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#run(), this.#options.everyMs).unref();
  }

  /** Answers the round that is under way, which others have to wait for; undefined: there is none. */
  stop(): Promise<void> | undefined {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    return this.#round;
  }

  async apply({
    dryRun,
    limit,
  }: {
    readonly dryRun: boolean;
    readonly limit: number;
  }): Promise<Result<'retention.apply'>> {
    const items: Leaving[] = [];
    for await (const leaving of this.#leaving()) {
      if (items.length === limit || this.#isStopped) return { items, more: true };
      const outcome = dryRun ? { ok: true as const } : await this.#remove(leaving);
      items.push(outcome.ok ? leaving : { ...leaving, error: refusalItem(outcome.rejection) });
    }
    return { items, more: false };
  }

  async #run(): Promise<void> {
    this.#round = this.#goOn();
    await this.#round;
    this.#round = undefined;
    this.start();
  }

  async #goOn(): Promise<void> {
    const { logger } = this.#options;
    try {
      for (let hasMore = true; hasMore && !this.#isStopped;) {
        const { items, more } = await this.apply({ dryRun: false, limit: ROUND });
        const refused = items.filter(({ error }) => error !== undefined);
        for (const { treeId, error } of refused) logger.warn({ treeId, error }, 'Retention could not remove a run');
        const gone = items.length - refused.length;
        if (gone > 0) logger.info({ runs: gone }, 'Retention removed runs from the store');
        // Otherwise the refused ones come again at once.
        hasMore = more && gone > 0;
      }
    } catch (error) {
      logger.error({ error: String(error) }, 'Retention failed; it is tried again');
    }
  }

  #remove({ treeId, action }: Leaving): Promise<Answer<number>> {
    const { engine, archives } = this.#options;
    const id = treeId as TaskListItem['task']['treeId'];
    return action === 'archive' ? archives.archive(id) : engine.delete(id);
  }

  /** All that the rules let go, newest first: so whoever is the first too many of a name is known without looking twice. */
  async *#leaving(): AsyncGenerator<Leaving> {
    const { engine, archives, rules, nowMs } = this.#options;
    const kept = new Map<string, number>();
    const restored = await archives.restored();
    let cursor: string | undefined;
    do {
      const filter = { rootOnly: true, status: ['completed', 'failed', 'cancelled'] as const };
      const page = await engine.index.list(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const tree of page.items) {
        if (restored.has(tree.task.treeId)) continue;
        const leaving = leavingBy(rules, tree, { kept, nowMs: nowMs() });
        if (leaving !== undefined) yield leaving;
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

function leavingBy(
  rules: readonly Rule[],
  { task, runStatus }: TaskListItem,
  { kept, nowMs }: { readonly kept: Map<string, number>; readonly nowMs: number },
): Leaving | undefined {
  const { treeId, name, endedAtMs } = task;
  const at = rules.findIndex((rule) => isAbout(rule, name, runStatus));
  const rule = rules[at];
  if (rule === undefined || endedAtMs === null) return undefined;
  const counted = `${at} ${runStatus} ${name}`;
  const place = (kept.get(counted) ?? 0) + 1;
  kept.set(counted, place);
  const isOld = rule.maxAgeMs > 0 && endedAtMs < nowMs - rule.maxAgeMs;
  const isTooMany = rule.keep > 0 && place > rule.keep;
  if (!isOld && !isTooMany) return undefined;
  return {
    treeId,
    name,
    status: runStatus,
    endedAt: isoTime(endedAtMs),
    action: rule.action,
    because: isOld ? 'age' : 'count',
    rule: at,
  };
}

function isAbout({ name, status }: Rule, treeName: string, treeStatus: string): boolean {
  const isNamed = name === undefined || isMatch(name, treeName);
  return isNamed && (status === undefined || (status as readonly string[]).includes(treeStatus));
}
