/** The JSON Schema of definition files, for editors. */
import { definitionJsonSchema } from '@coppice/definition';
import { format } from 'prettier';

/** Formatted as the rest of the workspace is. */
export async function generateDefinitionSchema(): Promise<{ path: string; text: string }> {
  const text = JSON.stringify(definitionJsonSchema(), null, 2);
  return { path: 'docs/schema/coppice.schema.json', text: await format(text, { parser: 'json', printWidth: 120 }) };
}
