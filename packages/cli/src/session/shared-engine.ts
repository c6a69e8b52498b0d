/**
 * A process that executes a run shares its engine with other commands of the same user: they read, cancel, and hand over their runs.
 * So a second `coppice run` in a folder needs no server, and does not have to wait.
 */
import type { Local, LocalSocket } from '@coppice/server';
import { removeServerRecord, writeServerRecord } from './server-file.ts';
import type { Settings } from './settings.ts';
import { STOP_SIGNALS } from './stop-signals.ts';
import { surroundingsOf } from './surroundings.ts';
import { COPPICE } from '../output/command-name.ts';

export interface SharedEngine {
  /**
   * Waits for the runs that other commands handed over, and accepts no more commands after that. `note` is told what it waits for.
   * False: a signal asked this process not to wait.
   */
  finish(note: (text: string) => void): Promise<boolean>;
  /** Stops sharing at once, even while runs of other commands go on. */
  leave(): Promise<void>;
}

/** Longest wait for the commands that watch an ended run to hear of its end and leave, ms. */
const GOODBYE_MS = 3000;

/**
 * Shares the engine of this process, which must be the only one that writes to the data directory. When sharing fails, the run goes on
 * and other commands wait for its end.
 */
export function shareEngine(local: Local, settings: Settings): SharedEngine {
  const { index } = local.engine;
  let isOpen = true;
  let socket: LocalSocket | undefined;
  const opened = openDoor();

  /** Answers the runs that were incomplete before. They belong to no command until they are resumed. */
  async function openDoor(): Promise<ReadonlySet<string>> {
    const before = new Set<string>(await index.listIncomplete());
    socket = await local.listen();
    const record = { pid: process.pid, socket: socket.path, surroundings: surroundingsOf(settings) };
    if (isOpen) await writeServerRecord(settings.dataDir, record);
    return before;
  }

  async function closeDoor(): Promise<void> {
    isOpen = false;
    await opened.catch(() => undefined);
    await removeServerRecord(settings.dataDir);
    await socket?.refuseMore();
  }

  async function guestsEnd(note: (text: string) => void): Promise<void> {
    const before = await opened.catch(() => undefined);
    if (before === undefined) return;
    for (;;) {
      const runs = (await index.listIncomplete()).filter((treeId) => !before.has(treeId));
      if (runs.length === 0) return;
      const what = runs.length === 1 ? 'A run' : `${runs.length} runs`;
      note(
        `${what} of another command still goes on in this process. Ctrl-C stops it; it then goes on with: ${COPPICE} resume`,
      );
      await Promise.all(runs.map((treeId) => local.engine.settled(treeId)));
    }
  }

  return {
    finish: async (note) => {
      const hasEnded = await unlessStopped(async () => {
        await guestsEnd(note);
        await closeDoor();
        // A command may have come in while the door was being closed.
        await guestsEnd(note);
        await socket?.left(GOODBYE_MS);
      });
      if (!hasEnded) await closeDoor();
      return hasEnded;
    },
    leave: closeDoor,
  };
}

/** False when a signal to stop came first. The process must hear it, because it has to end the programs that it started. */
async function unlessStopped(work: () => Promise<void>): Promise<boolean> {
  let stop = (): void => undefined;
  const stopped = new Promise<false>((resolve) => (stop = () => resolve(false)));
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    return await Promise.race([work().then(() => true), stopped]);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}
