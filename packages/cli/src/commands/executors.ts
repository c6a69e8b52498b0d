/** `coppice executors list|show`: what tasks can do. */
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { tableLines } from '../output/table.ts';

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
  for (const [title, value] of [
    ['inputs', executor.input],
    ['output', executor.output],
    ['example inputs', executor.example],
  ] as const) {
    if (value === null) continue;
    output.line();
    output.line(colors.bold(title));
    for (const line of JSON.stringify(value, null, 2).split('\n')) output.line(`  ${line}`);
  }
}
