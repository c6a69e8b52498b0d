/** Methods about the server itself: executors, extensions, health, and this protocol. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { jsonObject } from '../wire/json.ts';
import { executor, executorDetails, extension } from '../wire/observation.ts';
import { count, time, units } from '../wire/scalar.ts';
import { exampleTime } from './examples.ts';
import { method } from './method.ts';

const nothing = strict({});

export const executorsList = method({
  summary: 'Lists the executors that tasks may name.',
  params: nothing,
  result: strict({ items: z.array(executor) }),
  errors: [],
  example: {
    params: {},
    result: {
      items: [
        {
          type: 'delay',
          description: 'Waits.',
          effects: 'pure',
          onCrash: 'retry',
          concurrency: 0,
          ports: [],
          capabilities: [],
        },
      ],
    },
  },
});

export const executorsGet = method({
  summary: 'Shows one executor with the schemas of its inputs and output.',
  params: strict({ type: z.string().min(1) }),
  result: executorDetails,
  errors: ['executor/not-found'],
  example: {
    params: { type: 'delay' },
    result: {
      type: 'delay',
      description: 'Waits.',
      effects: 'pure',
      onCrash: 'retry',
      concurrency: 0,
      ports: [],
      capabilities: [],
      input: { type: 'object', properties: { delayMs: { type: 'number' } } },
      output: null,
      example: { delayMs: 100 },
    },
  },
});

export const extensionsList = method({
  summary: 'Lists the loaded extensions, and those that could not be loaded with the reason.',
  params: nothing,
  result: strict({ items: z.array(extension) }),
  errors: [],
  example: {
    params: {},
    result: {
      items: [
        {
          name: '@coppice/executor-delay',
          version: '0.1.0',
          api: '^1.0.0',
          description: null,
          source: '@coppice/executor-delay',
          status: 'loaded',
          error: null,
          contributions: [{ kind: 'executor', name: 'delay' }],
        },
      ],
    },
  },
});

export const systemHealth = method({
  summary: 'Says whether the server is live and ready.',
  params: nothing,
  result: strict({
    status: z.enum(['ok', 'degraded', 'failed']),
    live: z.boolean(),
    ready: z.boolean(),
    activeRuns: count,
    pausedRuns: count.describe('Runs that are paused as a whole, or about to be.'),
    holdCount: count.describe('Holds in force: `holds.list` tells them.'),
    runningTasks: count,
    readyTasks: count.describe('Tasks that wait for a gate.'),
    lastCommitAgeMs: z.number().nullable().describe('Ms since the last successful commit; null before the first.'),
    storeError: z.string().nullable().describe('Set while commits fail; a code, never internal text.'),
    quarantinedCount: count.describe('Runs that are set aside, because their log can not be read or continued.'),
    quarantined: z
      .array(strict({ treeId: z.string(), problem: z.string() }))
      .describe('Ten of these at most, of those that the caller may see.'),
    cutLogs: z
      .array(strict({ treeId: z.string(), seq: count }))
      .describe('Runs that go on from the event before `seq`, because the end of their log was cut off; ten at most.'),
  }),
  errors: [],
  example: {
    params: {},
    result: {
      status: 'ok',
      live: true,
      ready: true,
      activeRuns: 1,
      pausedRuns: 0,
      holdCount: 0,
      runningTasks: 2,
      readyTasks: 0,
      lastCommitAgeMs: 12,
      storeError: null,
      quarantinedCount: 0,
      quarantined: [],
      cutLogs: [],
    },
  },
});

export const systemInfo = method({
  summary: 'Describes the server: versions, process, data directory, limits.',
  params: nothing,
  result: strict({
    name: z.literal('coppice'),
    version: z.string(),
    apiVersion: z.string().describe('Version of the contract with extensions.'),
    pid: count,
    startedAt: time,
    uptimeMs: z.number().min(0),
    dataDir: z.string().nullable().describe('null: nothing is kept on disk.'),
    store: z.string().describe('Kind of the store.'),
    userId: z.string().describe('The user that the request was made as.'),
    role: z.enum(['admin', 'user']),
    limits: z.record(z.string(), z.number()).describe('Limits of the wire, by name.'),
    gates: z
      .array(strict({ gate: z.string(), used: units, limit: units, waiting: count }))
      .describe('Limits of the engine and their use.'),
  }),
  errors: [],
  example: {
    params: {},
    result: {
      name: 'coppice',
      version: '0.1.0',
      apiVersion: '1.0.0',
      pid: 4711,
      startedAt: exampleTime,
      uptimeMs: 60_000,
      dataDir: '.coppice',
      store: 'sqlite',
      userId: 'local',
      role: 'admin',
      limits: { bodyBytes: 16_777_216, batchSize: 100 },
      gates: [{ gate: 'global', used: 2, limit: 16, waiting: 0 }],
    },
  },
});

export const rpcDiscover = method({
  summary: 'Answers the OpenRPC document of this protocol.',
  params: nothing,
  result: jsonObject,
  errors: [],
  example: { params: {}, result: { openrpc: '1.3.2', info: { title: 'Coppice', version: '1.0.0' }, methods: [] } },
});
