/** What all peers share. Their packages are installed apart, so their types are unknown here: each file declares the few it uses. */
import type { Subject } from '../subject.ts';

export interface Peer extends Subject {
  /** What it promises, and where its form differs from the workload. */
  readonly note: string;
}

/** Imports a peer's package. The type is what the caller says it is. */
export async function importPeer<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error(`${name} is not installed: npm ci --prefix bench/peers`, { cause });
  }
}
