/** The graph of a run at one moment: tasks, edges with what became of them, gates. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { join } from './definition-fields.ts';
import { count, seq, taskId, time, treeId, units } from './scalar.ts';
import { runStatus, taskStatus } from './status.ts';
import { reason } from './task.ts';

const readValue = strict({
  read: z.string().describe('A part of the condition: `output.size`.'),
  value: z.string().describe('What it was, as messages show it; long values are cut.'),
});

export const graphEdge = strict({
  source: taskId,
  status: z.enum(['open', 'fired', 'dead']),
  because: z
    .enum(['trigger', 'port', 'condition', 'disabled', 'first', 'fatal'])
    .exactOptional()
    .describe(
      'Set exactly for a dead edge: the filter that stopped it. `first`: another branch of the source took the way.',
    ),
  on: z.array(z.string()).describe('Ends of the source that the edge fires on.'),
  required: z.boolean(),
  port: z.string().nullable().describe('Port of the source that the edge waits for; null: the primary one.'),
  condition: z.string().nullable(),
  values: z.array(readValue).exactOptional().describe('What the condition has read, if it was asked.'),
  fault: z.string().exactOptional().describe('Why the condition could not be worked out.'),
}).meta({ id: 'GraphEdge' });

export const graphTask = strict({
  taskId,
  parentId: taskId.nullable(),
  key: z.string(),
  name: z.string(),
  kind: z.enum(['executor', 'group', 'wait']),
  executor: z.string().nullable(),
  join,
  status: taskStatus,
  attempt: count,
  selected: z.boolean().describe('false: the run does not execute it.'),
  winner: taskId.nullable().describe('Source of the first edge that fired.'),
  reason: reason.nullable().describe('Why it was skipped, cancelled or completed by hand.'),
  edges: z.array(graphEdge).describe('Its dependencies, in declared order.'),
}).meta({ id: 'GraphTask' });

export const graphGate = strict({
  gate: z.string(),
  held: units.describe('Units that this run holds.'),
  limit: units,
  closedTo: count.describe('Ready tasks of the run that it is closed to.'),
  used: units.exactOptional().describe('Units that all runs hold together; only of the present moment.'),
  waiting: count.exactOptional().describe('Ready tasks of all runs that wait there; only of the present moment.'),
}).meta({ id: 'GraphGate' });

export const graph = strict({
  treeId,
  seq: seq.describe('The moment: right after this event.'),
  at: time.describe('Time of that event.'),
  status: runStatus,
  taskCount: count,
  items: z.array(graphTask).describe('Tasks in declared order.'),
  gates: z.array(graphGate).describe('Gates that the run has to do with at this moment; the same on every page.'),
  nextCursor: z.string().exactOptional().describe('Absent on the last page.'),
}).meta({ id: 'Graph' });

export type Graph = z.output<typeof graph>;
export type GraphTask = z.output<typeof graphTask>;
export type GraphEdge = z.output<typeof graphEdge>;
export type GraphGate = z.output<typeof graphGate>;
