/**
 * Asks the server whether it is well, again and again, beside everything else. The time of an answer is the processor time that the
 * server's main thread has used between question and answer: a busy machine makes no answer late, work that does not yield does.
 */
import { Agent, request } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { mainThreadMs } from './process-figures.ts';
import type { Victim } from './victim.ts';

const ANSWER_MS_MAX = 60_000;
const NS_PER_MS = 1e6;
const BODY = JSON.stringify({ jsonrpc: '2.0', id: 'probe', method: 'system.health', params: {} });

export class Probe {
  /** Since the last `take`, ms. */
  #worstMs = 0;
  #isRunning = true;
  asked = 0;
  /** Sentences about answers that did not come, or said that the server is not well. */
  readonly complaints: string[] = [];
  readonly #victim: Victim;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #loop: Promise<void>;
  #current: Promise<void> = Promise.resolve();

  constructor(victim: Victim) {
    this.#victim = victim;
    this.#loop = this.#askOn();
  }

  /** The worst answer since the last call, that of the question under way included, ms of processor time. */
  async take(): Promise<number> {
    await this.#current;
    const worst = this.#worstMs;
    this.#worstMs = 0;
    return worst;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#loop;
    this.#agent.destroy();
  }

  async #askOn(): Promise<void> {
    while (this.#isRunning && this.complaints.length === 0) {
      this.#current = this.#ask();
      await this.#current;
    }
  }

  async #ask(): Promise<void> {
    const ownDelay = monitorEventLoopDelay({ resolution: 10 });
    ownDelay.enable();
    const before = await this.#spentMs();
    try {
      const answer = await this.#post();
      if (!answer.includes('"status":"ok"')) this.complaints.push(`system.health answered ${answer}`);
    } catch (error) {
      this.complaints.push(`system.health was not answered: ${String(error)}`);
    }
    this.asked += 1;
    const waitedMs = (await this.#spentMs()) - before;
    ownDelay.disable();
    // As long as this process was late itself, the server may have worked for others.
    this.#worstMs = Math.max(this.#worstMs, waitedMs - ownDelay.max / NS_PER_MS);
  }

  async #spentMs(): Promise<number> {
    return (await mainThreadMs(this.#victim.pid)) ?? performance.now();
  }

  #post(): Promise<string> {
    const { port, tokens } = this.#victim;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${tokens.owner}` };
    return new Promise((answered, failed) => {
      const options = { host: '127.0.0.1', port, path: '/rpc', method: 'POST', headers, agent: this.#agent };
      const asked = request({ ...options, timeout: ANSWER_MS_MAX }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => answered(text)).once('error', failed);
      });
      asked.once('timeout', () => asked.destroy(new Error(`nothing came within ${ANSWER_MS_MAX} ms`)));
      asked.once('error', failed);
      asked.end(BODY);
    });
  }
}
