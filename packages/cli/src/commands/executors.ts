/** `coppice executors list|show`: what tasks can do. */
import colors from 'picocolors';
import type { JsonObject } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import type { Output } from '../output/output.ts';
import { plain } from '../output/harmless.ts';
import { pad, tableLines } from '../output/table.ts';
import { widthOf, wrapped } from '../output/text-width.ts';
import { fieldsOf, typeText } from './schema-fields.ts';

const INDENT = '  ';
const GAP = '  ';
/** Columns that a description needs beside a table. */
const BESIDE_MIN = 40;

export async function list({ output, open }: CommandContext): Promise<void> {
  const { client } = await open('none');
  const { items } = await client.executors.list();
  const extensions = await client.extensions.list();
  if (output.isJson) {
    output.json({ items });
    return;
  }
  const lines = tableLines(
    items,
    [
      { title: 'TYPE', value: (item) => item.type },
      { title: 'EFFECTS', value: (item) => item.effects },
      {
        title: 'AT ONCE',
        value: (item) => (item.concurrency === 0 ? 'any' : String(item.concurrency)),
        align: 'right',
      },
      { title: 'DESCRIPTION', value: (item) => item.description, shrinks: true },
    ],
    { width: output.columns },
  );
  for (const line of lines) output.line(line);
  for (const extension of extensions.items) {
    if (extension.status === 'failed')
      output.note(`Not loaded: ${extension.source}: ${extension.error ?? 'unknown reason'}`);
  }
}

export async function show({ output, open }: CommandContext, type: string): Promise<void> {
  const { client } = await open('none');
  const executor = await client.executors.get({ type });
  if (output.isJson) {
    output.json(executor);
    return;
  }
  output.line(`${colors.bold(executor.type)}  ${executor.description}`);
  const ports = executor.ports === 'dynamic' ? 'any' : executor.ports.join(', ');
  const facts = [
    ['effects', executor.effects],
    ['after a crash', executor.onCrash === 'retry' ? 'tried again under the same idempotency key' : 'failed'],
    ['at once', executor.concurrency === 0 ? 'any number' : String(executor.concurrency)],
    ...(ports === '' ? [] : [['ports', ports]]),
    ...(executor.capabilities.length === 0 ? [] : [['capabilities', executor.capabilities.join(', ')]]),
  ];
  for (const [label = '', value = ''] of facts) output.line(`  ${colors.dim(label.padEnd(13))}  ${value}`);
  showFields('inputs', executor.input, output);
  showFields('output', executor.output, output);
  if (executor.example === null) return;
  output.line();
  output.line(colors.bold('example'));
  // JSON is YAML, too: it can be put into a definition of either form.
  output.line(`  executor: ${executor.type}`);
  output.line(`  inputs: ${JSON.stringify(executor.example)}`);
}

function showFields(title: string, schema: JsonObject | null, output: Output): void {
  const fields = fieldsOf(schema);
  output.line();
  output.line(colors.bold(title));
  if (fields.length === 0) {
    output.line(`  ${schema === null ? 'any' : typeText(schema)}`);
    return;
  }
  const head = tableLines(
    fields,
    [
      { title: 'FIELD', value: ({ name }) => oneLine(name) },
      { title: 'TYPE', value: ({ type }) => oneLine(type) },
      { title: 'DEFAULT', value: ({ isRequired, preset }) => (isRequired ? 'required' : oneLine(preset ?? '-')) },
    ],
    { width: undefined },
  );
  const descriptions = [colors.dim('DESCRIPTION'), ...fields.map(({ description }) => plain(description))];
  for (const line of besideOrBelow(head, descriptions, output.columns)) output.line(line);
}

/** Descriptions are sentences: they are wrapped, not cut. Where there is little room beside the table they stand below its rows. */
function besideOrBelow(head: readonly string[], texts: readonly string[], columns = Infinity): readonly string[] {
  const width = Math.max(...head.map(widthOf)) + GAP.length;
  const beside = columns - INDENT.length - width;
  if (beside >= BESIDE_MIN) {
    return head.flatMap((row, index) => {
      const [first = '', ...rest] = wrapped(texts[index] ?? '', beside);
      return [
        `${INDENT}${pad(row, width)}${first}`.trimEnd(),
        ...rest.map((line) => `${INDENT}${' '.repeat(width)}${line}`),
      ];
    });
  }
  const inner = `${INDENT}${GAP}${GAP}`;
  return head.flatMap((row, index) => {
    const text = index === 0 ? '' : (texts[index] ?? '');
    return [
      `${INDENT}${row}`,
      ...wrapped(text, columns - inner.length).map((line) => (line === '' ? '' : `${inner}${line}`)),
    ].filter(Boolean);
  });
}
