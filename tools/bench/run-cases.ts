/** Runs cases round by round: every case once, then every case again, so that what disturbs the machine meets all alike. */
import type { Figures } from '../../bench/measurement.ts';
import type { Case, CaseResult } from './case.ts';
import { Measurement } from './spawn-measurement.ts';

const TIMEOUT_MS = 120_000;

export interface RunOptions {
  readonly rounds: number;
  readonly profileFile?: string | undefined;
  readonly report: (text: string) => void;
}

/** A case that fails once is not run again; its error is in its result. */
export async function runCases(cases: readonly Case[], options: RunOptions): Promise<readonly CaseResult[]> {
  const results = new Map<Case, CaseResult>();
  for (const stays of new Set(cases.map((each) => each.stays))) {
    const together = cases.filter((each) => each.stays === stays);
    for (const result of await runTogether(together, options)) results.set(result.case, result);
  }
  return cases.map((each) => results.get(each) as CaseResult);
}

async function runTogether(cases: readonly Case[], options: RunOptions): Promise<readonly CaseResult[]> {
  const runs = cases.map((each) => new CaseRun(each, options));
  for (let round = 0; round < options.rounds; round++) {
    for (const run of runs) await run.round(round);
  }
  for (const run of runs) await run.close();
  return runs.map((run) => run.result());
}

class CaseRun {
  readonly #case: Case;
  readonly #options: RunOptions;
  readonly #rounds: Figures[] = [];
  #measurement: Measurement | undefined;
  #error: string | undefined;

  constructor(each: Case, options: RunOptions) {
    this.#case = each;
    this.#options = options;
  }

  async round(round: number): Promise<void> {
    const { id, child, timeoutMs = TIMEOUT_MS, roundsMax = Infinity, stays } = this.#case;
    const { rounds, profileFile, report } = this.#options;
    if (this.#error !== undefined || round >= roundsMax) return;
    report(`round ${round + 1} of ${rounds}: ${id}`);
    try {
      this.#measurement ??= new Measurement({ child, timeoutMs, profileFile });
      this.#rounds.push(await this.#measurement.measure());
    } catch (error) {
      this.#fail(error);
    }
    if (stays === undefined) await this.close();
  }

  /** Ends the process, if there is one. */
  async close(): Promise<void> {
    const measurement = this.#measurement;
    this.#measurement = undefined;
    try {
      await measurement?.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  result(): CaseResult {
    const result = { case: this.#case, rounds: this.#rounds };
    return this.#error === undefined ? result : { ...result, error: this.#error };
  }

  #fail(error: unknown): void {
    this.#error ??= (error as Error).message;
  }
}
