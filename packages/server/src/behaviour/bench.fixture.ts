/** An embedded engine over a real SQLite file, called as every client calls it, with executors and hooks that a test gives. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Contribution,
  type Backoff,
  type Executor,
  type ExtensionModule,
  type Hook,
  type Merge,
  type RunEvent,
  type SignalHandler,
  type TreeId,
} from '@coppice/core';
import type { Logger } from '@coppice/engine';
import type { MethodName, Params, Result, RpcError, Task } from '@coppice/protocol';
import { ContainerModule } from 'inversify';
import { onTestFinished } from 'vitest';
import type { ComposeOptions } from '../composition/compose.ts';
import { CallError, createLocal, type Local } from '../composition/create-local.ts';
import { parseConfig, type ServerConfigInput } from '../config.ts';
import { checkedResult } from '../rpc/dispatcher.fixture.ts';
import { checkStore } from './check-store.fixture.ts';
import { Work } from './work.fixture.ts';

export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface BenchOptions extends ComposeOptions {
  readonly config?: ServerConfigInput;
  /** Executors to load beside `work` and `echo`. */
  readonly executors?: readonly Executor[];
  readonly hooks?: readonly Hook[];
  readonly backoffs?: readonly Backoff[];
  readonly merges?: readonly Merge[];
  readonly signals?: readonly SignalHandler[];
  /** More fields of the executor `work`. */
  readonly work?: Partial<Executor>;
  /** Default: a directory of its own, removed at the end of the test. */
  readonly dir?: string;
}

type CreateParams = Extract<Params<'tasks.create'>, { readonly tasks: unknown }>;
export type Tasks = CreateParams['tasks'];

/** A stored tree. */
export interface StoredTree {
  readonly treeId: TreeId;
  /** Ids by name. */
  readonly ids: Readonly<Record<string, string>>;
}

export class Bench {
  readonly dir: string;
  readonly local: Local;
  readonly work: Work;
  readonly log: readonly LogLine[];

  constructor(parts: { readonly dir: string; readonly local: Local; readonly work: Work; readonly log: LogLine[] }) {
    this.dir = parts.dir;
    this.local = parts.local;
    this.work = parts.work;
    this.log = parts.log;
  }

  get store(): Local['store'] {
    return this.local.store;
  }

  get engine(): Local['engine'] {
    return this.local.engine;
  }

  /** Calls a method that must succeed; the answer is checked against its schema. */
  async call<Name extends MethodName>(method: Name, params: Params<Name>): Promise<Result<Name>> {
    const result = await this.local.call(method, params);
    checkedResult(method, result);
    return result;
  }

  /** Calls a method that must be refused. */
  async refusal<Name extends MethodName>(method: Name, params: Params<Name>): Promise<RpcError> {
    try {
      await this.local.call(method, params);
    } catch (error) {
      if (error instanceof CallError) return error.error;
      throw error;
    }
    throw new Error(`${method} was not refused`);
  }

  async create(tasks: Tasks, more: Omit<CreateParams, 'tasks'> = {}): Promise<StoredTree> {
    const { id } = (await this.call('tasks.create', { tasks, ...more })) as Task;
    return this.stored(id as TreeId);
  }

  async stored(treeId: TreeId): Promise<StoredTree> {
    const records = await this.store.listTasks(treeId);
    return { treeId, ids: Object.fromEntries(records.map(({ name, id }) => [name, id])) };
  }

  /** Creates and starts a tree. */
  async begin(tasks: Tasks, more: Omit<CreateParams, 'tasks'> = {}): Promise<StoredTree> {
    const stored = await this.create(tasks, more);
    await this.call('tasks.execute', { taskId: stored.treeId });
    return stored;
  }

  /** Creates a tree and runs it to its end. */
  async run(tasks: Tasks, more: Omit<CreateParams, 'tasks'> = {}): Promise<StoredTree & { readonly status: string }> {
    const stored = await this.begin(tasks, more);
    return { ...stored, status: (await this.engine.settled(stored.treeId)) as string };
  }

  async settled({ treeId }: Pick<StoredTree, 'treeId'>): Promise<string | undefined> {
    return this.engine.settled(treeId);
  }

  /** The stored events of a tree. */
  events({ treeId }: Pick<StoredTree, 'treeId'>): Promise<readonly RunEvent[]> {
    return this.store.readEvents(treeId, 0, 1_000_000);
  }

  /** The first event, stored or to come, for which the condition holds. */
  event({ treeId }: Pick<StoredTree, 'treeId'>, condition: (event: RunEvent) => boolean): Promise<RunEvent> {
    return new Promise((resolve) => {
      const unsubscribe = this.engine.subscribe(
        { treeId, afterSeq: 0 },
        {
          event: (_treeId, event) => {
            if (!condition(event)) return;
            resolve(event);
            unsubscribe();
          },
        },
      );
    });
  }

  /** Statuses by name. */
  async statuses({ treeId }: Pick<StoredTree, 'treeId'>): Promise<Record<string, string>> {
    const records = await this.store.listTasks(treeId);
    return Object.fromEntries(records.map(({ name, status }) => [name, status]));
  }

  async get(taskId: string | undefined): Promise<Task> {
    return this.call('tasks.get', { taskId: taskId ?? '' });
  }

  async explain(taskId: string | undefined): Promise<string> {
    return (await this.call('tasks.explain', { taskId: taskId ?? '' })).summary;
  }

  /** All bytes below the data directory, as one text. */
  async bytes(): Promise<string> {
    const files = await readdir(this.dir, { recursive: true, withFileTypes: true });
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
    return (await Promise.all(texts)).join('\n');
  }

  async stop(graceMs = 0): Promise<void> {
    await this.local.stop({ graceMs });
  }
}

export async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'coppice-behaviour-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes a file into the directory; answers its path. */
export async function plant(dir: string, name: string, text: string): Promise<string> {
  const file = join(dir, name);
  await writeFile(file, text);
  return file;
}

/** An engine that is not started yet. */
export async function unstarted(options: BenchOptions = {}): Promise<Bench> {
  const {
    config = {},
    executors = [],
    hooks = [],
    backoffs = [],
    merges = [],
    signals = [],
    work: workOf,
    dir: given,
    ...compose
  } = options;
  const dir = given ?? (await newDir());
  const work = new Work();
  const log: LogLine[] = [];
  const parsed = parseConfig({ dataDir: dir, ...config });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const module = asExtension({
    executors: [work.executor(workOf), echo, ...executors],
    hooks,
    backoffs,
    merges,
    signals,
  });
  const local = await createLocal(parsed.config, {
    builtIns: false,
    logger: loggerTo(log),
    ...compose,
    extensions: [{ source: module }, ...(compose.extensions ?? [])],
  });
  const bench = new Bench({ dir, local, work, log });
  onTestFinished(async () => {
    work.abandon();
    await local.stop({ graceMs: 0 });
    await checkStore(dir);
  });
  return bench;
}

export async function start(options?: BenchOptions): Promise<Bench> {
  const bench = await unstarted(options);
  await bench.local.start();
  return bench;
}

const echo: Executor = {
  type: 'echo',
  description: 'Answers its inputs.',
  effects: 'pure',
  execute: (input) => input,
};

function asExtension(parts: {
  readonly executors: readonly Executor[];
  readonly hooks: readonly Hook[];
  readonly backoffs: readonly Backoff[];
  readonly merges: readonly Merge[];
  readonly signals: readonly SignalHandler[];
}): ExtensionModule {
  return {
    manifest: {
      name: 'behaviour-test',
      version: '1.0.0',
      api: '^1.0.0',
      contributes: ['executor', 'hook', 'backoff', 'merge', 'signal'],
    },
    module: new ContainerModule(({ bind }) => {
      for (const executor of parts.executors) bind(Contribution.Executor).toConstantValue(executor);
      for (const hook of parts.hooks) bind(Contribution.Hook).toConstantValue(hook);
      for (const backoff of parts.backoffs) bind(Contribution.Backoff).toConstantValue(backoff);
      for (const merge of parts.merges) bind(Contribution.Merge).toConstantValue(merge);
      for (const signal of parts.signals) bind(Contribution.SignalHandler).toConstantValue(signal);
    }),
  };
}

function loggerTo(log: LogLine[]): Logger {
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void log.push({ level, fields, message });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
