import type { Witness } from '../witness.ts';
import { inLanes, type WorkTask, type Workload } from '../workload.ts';
import { layersOf } from './effect.ts';
import { importPeer, type Peer } from './peer.ts';

interface StepInput {
  readonly inputData: string;
  readonly getInitData: () => { readonly tree: number };
}

interface Flow {
  then(step: unknown): Flow;
  parallel(steps: readonly unknown[]): Flow;
  foreach(step: unknown, options: { readonly concurrency: number }): Flow;
  commit(): Flow;
  createRun(): Promise<{ start(input: object): Promise<{ readonly status: string; readonly error?: Error }> }>;
}

interface WorkflowsModule {
  readonly createStep: (options: object) => unknown;
  readonly createWorkflow: (options: object) => Flow;
}

interface CoreModule {
  readonly Mastra: new (options: object) => { getWorkflow(name: string): Flow };
}

interface ZodModule {
  readonly z: { any(): unknown };
}

export const mastraMemory: Peer = {
  name: 'mastra-memory',
  note: 'without a store; no graphs: W4 runs as layers with a barrier between them',
  async open() {
    const { createStep, createWorkflow } = await importPeer<WorkflowsModule>('@mastra/core/workflows');
    const { Mastra } = await importPeer<CoreModule>('@mastra/core');
    const { z } = await importPeer<ZodModule>('zod');
    const schemas = { inputSchema: z.any(), outputSchema: z.any() };
    let flows = 0;
    const build = (workload: Workload, witness: Witness): Flow => {
      const tasks = workload.trees[0] as readonly WorkTask[];
      const step = ({ name }: WorkTask): unknown =>
        createStep({
          id: name,
          ...schemas,
          execute: async ({ getInitData }: StepInput) => ({ done: await witness.execute(getInitData().tree, name) }),
        });
      let flow = createWorkflow({ id: `flow-${flows++}`, ...schemas });
      const [first, last] = [tasks[0] as WorkTask, tasks.at(-1) as WorkTask];
      const middle = tasks.slice(1, -1);
      if (workload.shape === 'fan' && workload.trees.length > 1) {
        flow = flow.then(step(first)).parallel(middle.map(step)).then(step(last));
      } else if (workload.shape === 'fan') {
        const names = createStep({ id: 'names', ...schemas, execute: async () => middle.map(({ name }) => name) });
        const each = createStep({
          id: 'each',
          ...schemas,
          execute: ({ inputData, getInitData }: StepInput) => witness.execute(getInitData().tree, inputData),
        });
        flow = flow.then(step(first)).then(names).foreach(each, { concurrency: workload.concurrency }).then(step(last));
      } else if (workload.shape === 'layers') {
        for (const layer of layersOf(tasks)) flow = flow.parallel(layer.map(step));
      } else if (workload.shape === 'independent') flow = flow.parallel(tasks.map(step));
      else for (const task of tasks) flow = flow.then(step(task));
      return new Mastra({ logger: false, workflows: { flow: flow.commit() } }).getWorkflow('flow');
    };
    return {
      run: async (workload, witness) => {
        const flow = build(workload, witness);
        await inLanes(workload.trees.length, workload.treesAtOnce, async (tree) => {
          const run = await flow.createRun();
          const { status, error } = await run.start({ inputData: { tree } });
          if (status !== 'success') throw error ?? new Error(`Tree ${tree} ended as ${status}`);
        });
      },
      close: () => Promise.resolve(),
    };
  },
};
