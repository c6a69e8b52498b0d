/** Effect, in three forms: its own concurrency over layers, a fiber per task, and its workflows on the engine in memory. */
import type { Witness } from '../witness.ts';
import { inLanes, type WorkTask, type Workload } from '../workload.ts';
import { importPeer, type Peer } from './peer.ts';

/** An effect; what it yields inside a generator is not typed here. */
interface AnEffect extends Iterable<AnEffect, unknown> {
  readonly pipe: (...layers: readonly unknown[]) => AnEffect;
}

interface Semaphore {
  withPermits(count: number): (effect: AnEffect) => AnEffect;
}

interface EffectModule {
  readonly Effect: {
    forEach<T>(items: readonly T[], each: (item: T) => AnEffect, options: object): AnEffect;
    promise(run: () => Promise<unknown>): AnEffect;
    gen(body: () => Generator<AnEffect, unknown, never>): AnEffect;
    fn(body: (payload: { readonly tree: number }) => Generator<AnEffect, unknown, never>): unknown;
    runPromise(effect: AnEffect): Promise<unknown>;
  };
  readonly Deferred: {
    make(): AnEffect;
    await(deferred: unknown): AnEffect;
    succeed(deferred: unknown, value: unknown): AnEffect;
  };
  readonly Semaphore: { make(permits: number): AnEffect };
  readonly Schema: { readonly String: unknown; readonly Number: unknown; readonly Void: unknown };
  readonly Layer: { provideMerge(layer: unknown): unknown };
  readonly ManagedRuntime: {
    make(layer: unknown): { runPromise(effect: AnEffect): Promise<unknown>; dispose(): Promise<void> };
  };
}

interface WorkflowModule {
  readonly Workflow: {
    make(
      name: string,
      options: object,
    ): {
      toLayer(body: unknown): { pipe(...layers: readonly unknown[]): unknown };
      execute(payload: object): AnEffect;
    };
  };
  readonly Activity: { make(options: object): AnEffect };
  readonly WorkflowEngine: { readonly layerMemory: unknown };
}

const NOTHING_KEPT = 'no state, no events, nothing survives';

export const effectAll: Peer = {
  name: 'effect-all',
  note: `Effect.forEach over layers with a barrier between them, which is less than a graph; ${NOTHING_KEPT}`,
  async open() {
    const { Effect } = await importPeer<EffectModule>('effect');
    const runTree = (workload: Workload, tree: number, witness: Witness): AnEffect =>
      Effect.forEach(
        groupsOf(workload.shape, workload.trees[tree] as readonly WorkTask[]),
        (group) =>
          Effect.forEach(group, ({ name }) => Effect.promise(() => witness.execute(tree, name)), {
            concurrency: workload.concurrency,
            discard: true,
          }),
        { discard: true },
      );
    return {
      run: (workload, witness) =>
        inLanes(workload.trees.length, workload.treesAtOnce, (tree) =>
          Effect.runPromise(runTree(workload, tree, witness)),
        ),
      close: () => Promise.resolve(),
    };
  },
};

export const effectFibers: Peer = {
  name: 'effect-fibers',
  note: `a fiber per task that awaits its dependencies; ${NOTHING_KEPT}`,
  async open() {
    const effect = await importPeer<EffectModule>('effect');
    return {
      run: (workload, witness) =>
        inLanes(workload.trees.length, workload.treesAtOnce, (tree) =>
          effect.Effect.runPromise(
            graphOf(effect, {
              tasks: workload.trees[tree] as readonly WorkTask[],
              concurrency: workload.concurrency,
              execute: (name) => effect.Effect.promise(() => witness.execute(tree, name)),
            }),
          ),
        ),
      close: () => Promise.resolve(),
    };
  },
};

export const effectWorkflow: Peer = {
  name: 'effect-workflow',
  note: 'workflows and activities on the engine in memory; nothing survives the process',
  async open() {
    const effect = await importPeer<EffectModule>('effect');
    const { Workflow, Activity, WorkflowEngine } = await importPeer<WorkflowModule>('effect/workflow');
    const { Effect, Schema, Layer, ManagedRuntime } = effect;
    let current: { readonly workload: Workload; readonly witness: Witness } | undefined;
    const body = Effect.fn(function* ({ tree }) {
      const { workload, witness } = current as NonNullable<typeof current>;
      const execute = (name: string): AnEffect =>
        Activity.make({ name, success: Schema.Number, execute: Effect.promise(() => witness.execute(tree, name)) });
      const tasks = workload.trees[tree] as readonly WorkTask[];
      yield* graphOf(effect, { tasks, concurrency: workload.concurrency, execute });
    });
    const Tree = Workflow.make('Tree', {
      payload: { key: Schema.String, tree: Schema.Number },
      success: Schema.Void,
      idempotencyKey: ({ key }: { readonly key: string }) => key,
    });
    const runtime = ManagedRuntime.make(Tree.toLayer(body).pipe(Layer.provideMerge(WorkflowEngine.layerMemory)));
    let runs = 0;
    return {
      run: async (workload, witness) => {
        current = { workload, witness };
        const run = ++runs;
        await inLanes(workload.trees.length, workload.treesAtOnce, (tree) =>
          runtime.runPromise(Tree.execute({ key: `${run}-${tree}`, tree })),
        );
      },
      close: () => runtime.dispose(),
    };
  },
};

interface Graph {
  readonly tasks: readonly WorkTask[];
  readonly concurrency: number;
  readonly execute: (name: string) => AnEffect;
}

function graphOf({ Effect, Deferred, Semaphore: semaphores }: EffectModule, graph: Graph): AnEffect {
  const { tasks, concurrency, execute } = graph;
  return Effect.gen(function* () {
    const semaphore = (yield* semaphores.make(concurrency)) as Semaphore;
    const ends = new Map<string, unknown>();
    for (const { name } of tasks) ends.set(name, yield* Deferred.make());
    yield* Effect.forEach(
      tasks,
      ({ name, dependencies }) =>
        Effect.gen(function* () {
          for (const dependency of dependencies) yield* Deferred.await(ends.get(dependency));
          yield* semaphore.withPermits(1)(execute(name));
          yield* Deferred.succeed(ends.get(name), undefined);
        }),
      { concurrency: 'unbounded', discard: true },
    );
  });
}

function groupsOf(shape: Workload['shape'], tasks: readonly WorkTask[]): readonly (readonly WorkTask[])[] {
  switch (shape) {
    case 'chain':
      return tasks.map((task) => [task]);
    case 'independent':
      return [tasks];
    case 'fan':
      return [tasks.slice(0, 1), tasks.slice(1, -1), tasks.slice(-1)];
    case 'layers':
      return layersOf(tasks);
  }
}

export function layersOf(tasks: readonly WorkTask[]): WorkTask[][] {
  const layers: WorkTask[][] = [];
  for (const task of tasks) (layers[task.layer] ??= []).push(task);
  return layers;
}
