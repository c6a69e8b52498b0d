/** The graph of a run as the wire shows it. */
import { kindOf } from '@coppice/core';
import type { GraphEdge, GraphGate, GraphPage, GraphTask } from '@coppice/engine';
import type * as Wire from '@coppice/protocol';
import { reasonToWire } from './task-to-wire.ts';
import { isoTime } from './time.ts';

export function graphToWire({ atMs, items, gates, next, ...rest }: GraphPage): Wire.Graph {
  return {
    ...rest,
    at: isoTime(atMs),
    items: items.map(taskToWire),
    gates: gates.map(gateToWire),
    ...(next === undefined ? {} : { nextCursor: String(next) }),
  };
}

function taskToWire({ definition, reason, winner, edges, ...execution }: GraphTask): Wire.GraphTask {
  return {
    taskId: definition.id,
    parentId: definition.parentId ?? null,
    key: definition.key,
    name: definition.name,
    kind: kindOf(definition),
    executor: definition.executor ?? null,
    join: definition.join,
    ...execution,
    winner: winner ?? null,
    reason: reasonToWire(reason ?? null),
    edges: edges.map(edgeToWire),
  };
}

function edgeToWire({ dependency, values, ...rest }: GraphEdge): Wire.GraphEdge {
  const { on, required, port, condition } = dependency;
  return {
    ...rest,
    on: [...on],
    required,
    port: port ?? null,
    condition: condition ?? null,
    ...(values === undefined ? {} : { values: [...values] }),
  };
}

function gateToWire({ use, ...held }: GraphGate): Wire.GraphGate {
  return { ...held, ...use };
}
