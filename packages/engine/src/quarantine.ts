/** Runs that are set aside: their log can not be read, or nothing can be decided on them. All other runs go on. */
import { refuse, type Refused, type TreeId } from '@coppice/core';

/** A run that is set aside, and why. */
export interface QuarantinedRun {
  readonly treeId: TreeId;
  readonly userId: string;
  /** Where and what. */
  readonly problem: string;
}

/** Thrown where such a run is needed; requests answer its `refusal`. */
export class QuarantineError extends Error {
  override readonly name = 'QuarantineError';
  readonly refusal: Refused;

  constructor({ treeId, problem }: QuarantinedRun) {
    const message = `The run of tree ${treeId} is set aside: ${problem}`;
    super(message);
    this.refusal = refuse('storage/unreadable', message, { data: { treeId } });
  }
}

/** Answers a request; one that needs a run that is set aside is refused. */
export async function unlessQuarantined<T>(request: () => Promise<T>): Promise<T | Refused> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof QuarantineError) return error.refusal;
    throw error;
  }
}
