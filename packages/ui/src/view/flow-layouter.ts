/** Flows laid out by a worker, so that a large one never holds up the page. */
import type { FlowPicture, FlowProblem } from '../layout/flow-problem.ts';

export interface FlowLayouter {
  /** Rejects where the worker can not be loaded or breaks down. */
  place(problem: FlowProblem): Promise<FlowPicture>;
}

const SCRIPT = 'layout.js';

interface Asked {
  readonly answered: (picture: FlowPicture) => void;
  readonly failed: (error: Error) => void;
}

/** The layouter of a document whose own script is `script`: the worker's stands beside it. It is started at the first question. */
export function layouterBeside(script: HTMLOrSVGScriptElement | null): FlowLayouter {
  const asked: Asked[] = [];
  let starting: Promise<Worker> | undefined;
  const start = async (): Promise<Worker> => {
    if (!(script instanceof HTMLScriptElement)) throw new Error('The place of the scripts is not known');
    const worker = await startWorker(new URL(SCRIPT, script.src));
    worker.addEventListener('message', ({ data }: MessageEvent<FlowPicture>) => asked.shift()?.answered(data));
    // The next question is put to a new worker. One that could not be loaded has no message.
    worker.addEventListener('error', ({ message = 'its script can not be loaded' }: Partial<ErrorEvent>) => {
      starting = undefined;
      for (const { failed } of asked.splice(0)) failed(new Error(message));
    });
    return worker;
  };
  return {
    place: async (problem) => {
      starting ??= start();
      const worker = await starting.catch((error: unknown) => {
        starting = undefined;
        throw error;
      });
      return new Promise((answered, failed) => {
        asked.push({ answered, failed });
        worker.postMessage(problem);
      });
    },
  };
}

/** An editor's webview gets its files from elsewhere, and may only run workers that it has made from text. */
async function startWorker(url: URL): Promise<Worker> {
  if (url.origin === location.origin) return new Worker(url);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status}`);
  const made = URL.createObjectURL(new Blob([await answer.text()], { type: 'text/javascript' }));
  return new Worker(made);
}
