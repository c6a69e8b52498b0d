/** Validating and creating one large tree. Parameters: store mode, tasks (in layers of 100, 3 dependencies each). */
import { toSubmission, valueOf } from './coppice/coppice-subject.ts';
import { createStore, openEngine, STORE_MODES } from './coppice/open-engine.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { layers } from './workload.ts';

const LAYER_WIDTH = 100;
const CONCURRENCY = 100;
const WARM_UP_TASKS = 5_000;

export async function measureCreation({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const mode = STORE_MODES.find((each) => each === parameters[0]);
  if (mode === undefined) throw new Error(`No store mode "${parameters[0]}"`);
  const executor = { type: 'witness', description: 'Is never called.', effects: 'pure', execute: () => null } as const;
  const { engine, close } = await openEngine(createStore(mode, dir), [executor]);
  const submissionOf = (tasks: number): ReturnType<typeof toSubmission> =>
    toSubmission(layers(Math.ceil(tasks / LAYER_WIDTH), LAYER_WIDTH), CONCURRENCY);
  valueOf(await engine.create(submissionOf(WARM_UP_TASKS), { userId: 'bench' }));
  const submission = submissionOf(countOf(parameters, 1));
  globalThis.gc?.();
  const startedMs = performance.now();
  const violations = await engine.validate(submission);
  const validatedMs = performance.now();
  if (violations.length > 0) throw new Error(`The tree is refused: ${violations[0]?.reason}`);
  valueOf(await engine.create(submission, { userId: 'bench' }));
  const createdMs = performance.now();
  await close();
  return { validateMs: validatedMs - startedMs, createMs: createdMs - validatedMs };
}
