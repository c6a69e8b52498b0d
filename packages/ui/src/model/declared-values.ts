/** The inputs that a tree declares, with the values that it has so far. */
import { missingInputs, RpcError } from '@coppice/client';
import type { Client, DeclaredInputs } from '@coppice/client';
import type { JsonObject } from '@coppice/protocol';

export interface DeclaredValues {
  readonly declared: DeclaredInputs;
  readonly given: JsonObject;
}

/** Names of what a form asks for: everything that is declared and has no value, when something that is required has none; else nothing. */
export function inputsToAsk({ declared, given }: DeclaredValues): readonly string[] {
  if (missingInputs(declared, given).length === 0) return [];
  return Object.keys(declared).filter((name) => (given[name] ?? null) === null);
}

/** What to ask for when the execution of a task was refused; undefined: the refusal has another reason. */
export async function refusedForInputs(
  client: Client,
  taskId: string,
  error: unknown,
): Promise<DeclaredValues | undefined> {
  if (!RpcError.is(error) || error.code !== 'task/invalid-inputs') return undefined;
  const { treeId } = await client.tasks.get({ taskId });
  const { items } = await client.tasks.events({ treeId, limit: 1 });
  const [created] = items;
  if (created?.type !== 'TreeCreated') return undefined;
  const { declares, inputs } = created.data.definition;
  const values = { declared: declares?.inputs ?? {}, given: inputs };
  return inputsToAsk(values).length === 0 ? undefined : values;
}
