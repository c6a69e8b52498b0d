/** `coppice tasks graph`: tasks, what became of their dependencies, and gates, at any moment of a run. */
import type { Client } from '@coppice/client';
import type { Result } from '@coppice/protocol';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import { statusText, symbolOf } from '../output/theme.ts';

export interface GraphOptions {
  /** Number of an event. */
  readonly at?: number;
}

type Graph = Result<'tasks.graph'>;
type Edge = Graph['items'][number]['edges'][number];

/** Tasks and edges of one request. */
const PAGE = 10_000;

export async function graph({ output, open }: CommandContext, reference: string, { at }: GraphOptions): Promise<void> {
  const { client, tree: find } = await open('read');
  const treeId = await find(reference);
  const found = await readGraph(client, treeId, at);
  if (output.isJson) {
    output.json(found);
    return;
  }
  const names = new Map(found.items.map(({ taskId, name }) => [taskId, oneLine(name)]));
  for (const { name, status, reason, edges } of found.items) {
    const why = reason === null ? '' : colors.dim(`  ${oneLine(reason.message)}`);
    output.line(`${symbolOf(status)} ${oneLine(name)}  ${statusText(status)}${why}`);
    for (const edge of edges) output.line(`    ${edgeText(edge, names.get(edge.source) ?? edge.source)}`);
  }
  for (const gate of found.gates) output.line(gateText(gate));
  output.note(`At event ${found.seq}, ${found.at}; the run is ${statusText(found.status)}.`);
}

/** All pages, of one moment. */
async function readGraph(client: Client, treeId: string, seq: number | undefined): Promise<Omit<Graph, 'nextCursor'>> {
  const { nextCursor, ...first } = await client.tasks.graph({
    treeId,
    limit: PAGE,
    ...(seq === undefined ? {} : { seq }),
  });
  const items = [...first.items];
  for (let cursor = nextCursor; cursor !== undefined;) {
    const page = await client.tasks.graph({ treeId, limit: PAGE, seq: first.seq, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return { ...first, items };
}

/** `← measure: dead (condition), output.size is 3`. */
function edgeText({ status, because, condition, values = [], fault, port }: Edge, source: string): string {
  const filter = because === undefined ? '' : ` (${because})`;
  const details = [
    ...(condition === null ? [] : [oneLine(condition)]),
    ...values.map(({ read, value }) => `${oneLine(read)} is ${oneLine(value)}`),
    ...(port === null ? [] : [`port ${oneLine(port)}`]),
    ...(fault === undefined ? [] : [oneLine(fault)]),
  ];
  return `← ${source}: ${status}${filter}${details.length === 0 ? '' : colors.dim(`  ${details.join(', ')}`)}`;
}

function gateText({ gate, held, limit, closedTo, used, waiting }: Graph['gates'][number]): string {
  const all = used === undefined ? '' : `, ${used} used by all runs, ${waiting ?? 0} waiting`;
  return closedTo > 0 ? `gate ${gate}: closed to ${closedTo}` : `gate ${gate}: ${held} of ${limit} held${all}`;
}
