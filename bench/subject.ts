/** What is measured: a program that can run workloads. */
import type { Witness } from './witness.ts';
import type { Workload, WorkloadName } from './workload.ts';

export interface Subject {
  /** Unique, e.g. `coppice-normal`. */
  readonly name: string;
  /** Opens the program in an empty folder of its own. Not part of the measured time. */
  open(dir: string, workload: WorkloadName): Promise<OpenSubject>;
}

export interface OpenSubject {
  /** Submits all trees of the workload and runs them to their end: this is what is measured. */
  run(workload: Workload, witness: Witness): Promise<void>;
  /** Results found in the store, read back from it; must equal the executions. Absent: nothing is stored. */
  countStored?(): Promise<number>;
  close(): Promise<void>;
}
