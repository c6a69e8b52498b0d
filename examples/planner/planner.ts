import { outcome } from '@coppice/extension';

/** What a planner has answered, for a goal. Each step says what must be done before. */
const ANSWERS: Readonly<Record<string, readonly { readonly do: string; readonly after: readonly string[] }[]>> = {
  'make tea': [
    { do: 'boil water', after: [] },
    { do: 'warm the pot', after: [] },
    { do: 'pour', after: ['boil water', 'warm the pot'] },
  ],
};

/** Turns the answer into tasks. What it may do is decided here, never by the answer: each step is one known executor. */
export function plan({ goal }: { readonly goal: string }): unknown {
  const tasks = (ANSWERS[goal] ?? []).map((step) => ({
    name: step.do,
    executor: 'function',
    dependencies: step.after,
    inputs: { module: './planner.ts', export: 'work', args: { step: step.do, of: '${{ vars.steps }}' } },
  }));
  return outcome({ output: null, patch: { steps: tasks.length }, tasks });
}

export function work({ step, of }: { readonly step: string; readonly of: number }): string {
  return `${step}: done, one of ${of}`;
}
