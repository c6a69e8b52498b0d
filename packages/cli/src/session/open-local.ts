/** Opens the engine in this process. The only way of the client commands to the engine, the store and the container. */
import { createClient } from '@coppice/client';
import { createLocal, createLogger, parseConfig } from '@coppice/server';
import type { Local, ServerConfig } from '@coppice/server';
import { UsageError } from '../output/report-error.ts';
import { localTransport } from './local-transport.ts';
import { endOnFailure } from './end-on-failure.ts';
import { shareEngine } from './shared-engine.ts';
import type { SharedEngine } from './shared-engine.ts';
import type { Session, SessionOptions } from './session.ts';
import type { Settings } from './settings.ts';
import { COPPICE } from '../output/command-name.ts';

export async function openLocal(
  settings: Settings,
  { access, note }: Pick<SessionOptions, 'access' | 'note'>,
): Promise<Session> {
  const config = checkedConfig(settings);
  const readOnly = access === 'read' || access === 'watch';
  const local =
    access === 'none' || access === 'plan'
      ? // It leaves nothing behind, a folder for its log neither.
        await createLocal(
          { ...config, store: { ...config.store, kind: 'memory' } },
          { logger: createLogger({ level: 'silent' }) },
        )
      : // Who only reads what happened needs nothing that could make it happen.
        await createLocal(config, { readOnly, builtIns: !readOnly });
  if (access === 'run' || access === 'write') endWith(local, settings);
  // Incomplete runs of other trees wait for `coppice resume` or a server; without a start no task can start at all.
  try {
    if (access === 'run') await local.engine.start({ recover: false });
    else await local.store.open();
  } catch (error) {
    await local.stop().catch(() => undefined);
    throw error;
  }
  return sessionOf(local, settings, {
    readOnly,
    note,
    ...(access === 'run' ? { shared: shareEngine(local, settings) } : {}),
  });
}

/** A run that goes on, and how many of its attempts the former process left open. */
export interface ResumedRun {
  readonly treeId: string;
  readonly interrupted: number;
}

/** Opens the store and continues its incomplete runs. */
export async function resumeLocal(
  settings: Settings,
  note: (text: string) => void,
): Promise<{ readonly session: Session; readonly runs: readonly ResumedRun[] }> {
  const local = await createLocal(checkedConfig(settings));
  endWith(local, settings);
  const runs = await local.start();
  return { session: sessionOf(local, settings, { readOnly: false, note, shared: shareEngine(local, settings) }), runs };
}

function endWith(local: Local, settings: Settings): void {
  const { logger, failed } = local;
  endOnFailure({ logger, failed, close: () => local.stop({ graceMs: 0 }) }, settings);
}

/** Longest wait for the runs of other commands when this process is told to stop, ms. */
const STOP_GRACE_MS = 200;

interface LocalSession {
  readonly readOnly: boolean;
  readonly note: (text: string) => void;
  readonly shared?: SharedEngine;
}

function sessionOf(local: Local, settings: Settings, { readOnly, note, shared }: LocalSession): Session {
  const client = createClient({ transport: localTransport(local, { pushes: !readOnly }), timeoutMs: 0, face: 'cli' });
  return {
    client,
    isLocal: true,
    place: settings.dataDir,
    close: async (options) => {
      let stopping = options;
      if (options !== undefined) await shared?.leave();
      else if ((await shared?.finish(note)) === false) stopping = { graceMs: STOP_GRACE_MS };
      await client.close();
      // A stopping engine notes what it interrupts; one that only reads has interrupted nothing, and could not note it.
      if (readOnly) await local.store.close();
      else await local.stop(stopping);
    },
  };
}

/** The configuration with the options of the command on top. */
export function checkedConfig(settings: Settings): ServerConfig {
  const parsed = parseConfig({ ...settings.config, dataDir: settings.dataDir });
  if (parsed.ok) return parsed.config;
  throw new UsageError(
    `${settings.configFile ?? 'The configuration'}: ${configProblems(settings).join('; ')}. See all with: ${COPPICE} config check`,
  );
}

/** What is wrong with the configuration as it is written, one sentence each; empty: nothing. */
export function configProblems({ config, dataDir }: Settings): readonly string[] {
  const parsed = parseConfig({ ...config, dataDir });
  return parsed.ok ? [] : parsed.errors.map(({ path, reason }) => `${pathText(path)}: ${reason}`);
}

/** `auth.users[0].token`. */
function pathText(path: readonly (string | number)[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text === '' ? 'the configuration' : text.replace(/^\./, '');
}
