/** Sessions of trees that the editor shows. The first view of a tree makes its session, and the last one ends it. */
import type { TreeLog, TreeStore } from '@coppice/client';
import { RunSession } from '@coppice/ui';
import type { RunSessionOptions } from '@coppice/ui';

/** Keeps a session open for one view. */
export interface SessionHold {
  readonly session: RunSession;
  readonly log: TreeLog;
  /** Lets it go. Twice is harmless. */
  dispose(): void;
}

/** What every session of a connection is made with. */
export interface SessionsOptions extends Omit<RunSessionOptions, 'open' | 'bundleMs' | 'store'> {
  readonly store: TreeStore;
}

interface OpenSession {
  readonly opened: Promise<{ readonly session: RunSession; readonly log: TreeLog }>;
  holders: number;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #held = new Map<string, OpenSession>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Rejects as `tasks.events` does. */
  async hold(treeId: string): Promise<SessionHold> {
    let held = this.#held.get(treeId);
    if (held === undefined) {
      held = { opened: this.#open(treeId), holders: 0 };
      this.#held.set(treeId, held);
    }
    held.holders += 1;
    const letGo = this.#letGo(treeId, held);
    try {
      return { ...(await held.opened), dispose: letGo };
    } catch (error) {
      letGo();
      throw error;
    }
  }

  async #open(treeId: string): Promise<{ readonly session: RunSession; readonly log: TreeLog }> {
    const open = await this.#options.store.open(treeId);
    const session = new RunSession({ ...this.#options, open });
    return { session, log: open.log };
  }

  #letGo(treeId: string, held: OpenSession): () => void {
    let isHolding = true;
    return () => {
      if (!isHolding) return;
      isHolding = false;
      held.holders -= 1;
      if (held.holders > 0) return;
      this.#held.delete(treeId);
      held.opened.then(
        ({ session }) => session.dispose(),
        () => undefined,
      );
    };
  }

  dispose(): void {
    for (const { opened } of this.#held.values()) {
      opened.then(
        ({ session }) => session.dispose(),
        () => undefined,
      );
    }
    this.#held.clear();
  }
}
