/** Inputs that a definition requires and nobody has given: asked for one by one where a person sits at a terminal. */
import { inputsForm, missingInputs, type DeclaredInputs } from '@coppice/client';
import type { JsonObject } from '@coppice/protocol';
import { askFields, type Prompt } from './ask-fields.ts';

/** All that is given, and what is typed; `open` is called when there is something to ask. */
export async function askInputs(
  declared: DeclaredInputs,
  given: JsonObject,
  open: () => Prompt & { close(): void },
): Promise<JsonObject> {
  const missing = missingInputs(declared, given);
  if (missing.length === 0) return given;
  const prompt = open();
  try {
    const typed = await askFields(inputsForm(declared, missing), {}, { prompt, option: '--input' });
    return { ...given, ...(typed as JsonObject) };
  } finally {
    prompt.close();
  }
}
