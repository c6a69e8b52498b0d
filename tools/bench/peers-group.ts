/** The group of the peers: other programs on W1 to W4, beside ours and the floors. */
import { PEERS } from '../../bench/peers/peers.ts';
import type { Case, Group } from './case.ts';
import { RATE_COLUMNS } from './throughput-groups.ts';

/** What a peer can not express at all. */
const INEXPRESSIBLE: Readonly<Record<string, readonly string[]>> = { 'bullmq-redis': ['W4'] };
const OURS = ['floor-memory', 'coppice-memory', 'floor-events-normal', 'coppice-normal', 'coppice-full'];
/** Some take a minute for what takes others a tenth of a second. */
const ROUNDS_MAX = 3;

function casesOf(workload: string): readonly Case[] {
  const peers = PEERS.map(({ name }) => name).filter((name) => INEXPRESSIBLE[name]?.includes(workload) !== true);
  return [...OURS, ...peers].map((subject) => ({
    id: `peers/${workload}/${subject}`,
    group: 'peers',
    labels: [workload, subject],
    child: ['workload', subject, workload],
    roundsMax: ROUNDS_MAX,
    timeoutMs: 240_000,
  }));
}

export const PEERS_GROUP: Group = {
  name: 'peers',
  title: 'Peers',
  note: [
    'Other programs, each written as its manual says in its fastest form that keeps the meaning of the workload, under the same witness as ours:',
    '',
    ...PEERS.map(({ name, note }) => `- ${name}: ${note}.`),
  ].join('\n'),
  labelTitles: ['workload', 'subject'],
  columns: RATE_COLUMNS,
  cases: ['W1', 'W2', 'W3', 'W4'].flatMap(casesOf),
  isOnRequest: true,
};
