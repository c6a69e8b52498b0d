/** All peers. */
import { bullmq } from './bullmq.ts';
import { dbos } from './dbos.ts';
import { effectAll, effectFibers, effectWorkflow } from './effect.ts';
import { langGraphMemory, langGraphSqlite } from './langgraph.ts';
import { mastraMemory } from './mastra.ts';
import { pGraph } from './p-graph.ts';
import type { Peer } from './peer.ts';
import { plainjob } from './plainjob.ts';
import { resonateLocal } from './resonate.ts';

export const PEERS: readonly Peer[] = [
  pGraph,
  effectAll,
  effectFibers,
  effectWorkflow,
  resonateLocal,
  mastraMemory,
  langGraphMemory,
  langGraphSqlite,
  plainjob,
  bullmq,
  dbos,
];
