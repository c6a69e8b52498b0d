/** Sends all waves against one server and says what became of it. */
import { slowness } from './machine-speed.ts';
import { Probe } from './probe.ts';
import { peakMemoryMiB } from './process-figures.ts';
import { Tally } from './tally.ts';
import { MARK, startVictim, type Victim, type Identity } from './victim.ts';
import type { Wave } from './wave.ts';
import { WAVES } from './waves.ts';

/** A probe is answered within this time of the server's processor, ms; on a slower machine within as much more. */
export const PROBE_MS_MAX = 250;
/** The server never holds more than this, MiB. */
export const MEMORY_MIB_MAX = 1536;

export interface WaveReport {
  readonly name: string;
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  /** Of the probes beside it, ms of processor time. */
  readonly worstProbeMs: number;
  readonly complaints: readonly string[];
}

export interface AttackReport {
  readonly waves: readonly WaveReport[];
  readonly requests: number;
  readonly probes: number;
  readonly peakMemoryMiB: number | undefined;
  /** What should not have happened; empty: the server has stood. */
  readonly complaints: readonly string[];
}

export interface AttackOptions {
  readonly requests: number;
  readonly seed: number;
  /** Default: all. */
  readonly waves?: readonly Wave[];
  readonly onWave?: (report: WaveReport) => void;
}

export async function attack({ requests, seed, waves = WAVES, onWave }: AttackOptions): Promise<AttackReport> {
  const victim = await startVictim();
  try {
    const foreignIds = await plantTrees(victim);
    const before = await lookAt(victim, foreignIds);
    const probe = new Probe(victim);
    const reports: WaveReport[] = [];
    for (const wave of waves) {
      const count = Math.ceil(requests * wave.share);
      reports.push(await runWave(wave, { victim, foreignIds, count, seed }, probe));
      onWave?.(reports.at(-1) as WaveReport);
    }
    const peak = await peakMemoryMiB(victim.pid);
    await probe.stop();
    const after = await lookAt(victim, foreignIds).catch((error: unknown) => `unknown: ${String(error)}`);
    return {
      waves: reports,
      requests: reports.reduce((sum, wave) => sum + wave.requests, 0),
      probes: probe.asked,
      peakMemoryMiB: peak,
      complaints: [
        ...probe.complaints,
        ...reports.flatMap(({ name, complaints }) => complaints.map((text) => `${name}: ${text}`)),
        ...(peak === undefined || peak <= MEMORY_MIB_MAX ? [] : [`The server has held ${peak} MiB`]),
        ...(before === after ? [] : ['The trees of others are not what they were']),
        ...victim.log.filter((line) => line.includes('fault of the server')),
      ],
    };
  } finally {
    await victim.stop();
  }
}

async function runWave(
  wave: Wave,
  given: {
    readonly victim: Victim;
    readonly foreignIds: readonly string[];
    readonly count: number;
    readonly seed: number;
  },
  probe: Probe,
): Promise<WaveReport> {
  const tally = new Tally();
  const slownessBefore = slowness();
  await probe.take();
  await wave.run({ ...given, tally });
  const worstProbeMs = Math.round(await probe.take());
  if (worstProbeMs > PROBE_MS_MAX * Math.max(slownessBefore, slowness()))
    tally.complain(`A probe waited for ${worstProbeMs} ms of the processor`);
  const { requests, answers, complaints } = tally;
  return { name: wave.name, requests, answers: Object.fromEntries(answers), worstProbeMs, complaints };
}

/** Trees of the owner and of Anna, one settled and one that waits; and two of the attacker's own that valid messages speak of. */
async function plantTrees(victim: Victim): Promise<string[]> {
  const ids: string[] = [];
  for (const who of ['owner', 'anna'] satisfies Identity[]) {
    for (const state of ['settled', 'pending']) {
      const id = `${who}-${state}`;
      const tasks = [
        { id, name: MARK, metadata: { MARK } },
        { id: `${id}-child`, name: MARK, parentId: id, executor: 'echo', inputs: { text: MARK } },
      ];
      await create(victim, who, tasks);
      if (state === 'settled') await victim.call('owner', 'tasks.execute', { taskId: id, wait: true });
      ids.push(id, `${id}-child`);
    }
  }
  for (const id of ['known', 'pending']) {
    await create(victim, 'mallory', [{ id, name: id, executor: 'echo' }]);
  }
  await victim.call('mallory', 'tasks.execute', { taskId: 'known', wait: true });
  return ids;
}

/** In the name of a user: trees that users make themselves get ids of their own. */
async function create(victim: Victim, who: Identity, tasks: readonly object[]): Promise<void> {
  await victim.call('owner', 'tasks.create', { tasks, ...(who === 'owner' ? {} : { userId: who }) });
}

/** All that is stored about the trees of others. */
async function lookAt(victim: Victim, ids: readonly string[]): Promise<string> {
  const seen: unknown[] = [];
  for (const taskId of ids) {
    seen.push(await victim.call('owner', 'tasks.get', { taskId }));
    if (!taskId.endsWith('-child')) seen.push(await victim.call('owner', 'tasks.events', { treeId: taskId }));
  }
  return JSON.stringify(seen);
}
