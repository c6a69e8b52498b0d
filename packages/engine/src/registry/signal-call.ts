/** Calls of contributed signal handlers: one that takes too long is stopped, even in an endless loop, and no answer can change afterwards. */
import { createContext, Script } from 'node:vm';
import type { SignalCommand, SignalHandler, SignalHandlerFunction } from '@coppice/core';
import { copyJson } from '../json-copy.ts';

/** What a handler may take, ms. */
export const HANDLER_MS_MAX = 100;

const SCRIPT = new Script('call()');

/** The handler as a function that throws when it takes too long. Any answer that is no list is answered as it is. */
export function inTime(handler: SignalHandler): SignalHandlerFunction {
  return (signal, run) => {
    let returned: unknown;
    const call = (): void => {
      const answered: unknown = handler.handle(signal, run);
      returned = Array.isArray(answered) ? copyJson(answered) : answered;
    };
    try {
      // The time limit of a script also ends what it calls outside of its context.
      SCRIPT.runInContext(createContext({ call }), { timeout: HANDLER_MS_MAX });
    } catch (error) {
      if ((error as NodeJS.ErrnoException | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new Error(`it took longer than ${HANDLER_MS_MAX} ms`, { cause: error });
    }
    return returned as readonly SignalCommand[];
  };
}
