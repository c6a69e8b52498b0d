/**
 * The last border of a process that exists for one server. What is thrown where nobody catches it goes to the attempt whose code threw it;
 * what is nobody's leaves a state that nobody can vouch for, so it is logged and the process ends: its log is sound, and the next one goes on.
 * A program that embeds an engine decides for itself what becomes of its errors; `giveToOwner` of the engine serves it as it does here.
 */
import { giveToOwner, type Logger } from '@coppice/engine';

export interface ProcessGuardOptions {
  readonly logger: Logger;
  /** Ends the process; the error was logged. */
  readonly end: (error: unknown) => void;
}

/** Answers the function that ends the guarding. */
export function guardProcess({ logger, end }: ProcessGuardOptions): () => void {
  const take = (error: unknown): void => {
    if (giveToOwner(error)) return;
    logger.error({ err: error }, 'The process ends by a fault of its own; start it again to go on from the log');
    end(error);
  };
  process.on('uncaughtException', take);
  process.on('unhandledRejection', take);
  return () => {
    process.off('uncaughtException', take);
    process.off('unhandledRejection', take);
  };
}
