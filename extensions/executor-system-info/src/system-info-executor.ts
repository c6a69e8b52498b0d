/** The executor `system-info`: tells facts about the machine and the process that runs the attempt. */
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { TerminalError, type Executor, type JsonObject } from '@coppice/extension';

const sections = {
  os: () => ({
    platform: os.platform(),
    release: os.release(),
    arch: os.arch(),
    hostname: os.hostname(),
    uptimeS: Math.floor(os.uptime()),
  }),
  cpu: () => ({
    model: os.cpus()[0]?.model.trim() ?? 'unknown',
    count: os.cpus().length,
    available: os.availableParallelism(),
  }),
  memory: () => ({ totalBytes: os.totalmem(), freeBytes: os.freemem() }),
  load: () => {
    const [one = 0, five = 0, fifteen = 0] = os.loadavg();
    return { oneMinute: one, fiveMinutes: five, fifteenMinutes: fifteen };
  },
  disk: async () => {
    const path = process.cwd();
    const { blocks, bavail, bsize } = await statfs(path).catch((cause: unknown) => {
      const message = `The disk of ${path}, the working directory of the server, tells nothing: ${(cause as Error).message}. Start the server in another folder, or leave "disk" out of "include"`;
      throw new TerminalError(message, { code: 'system-info/disk', cause });
    });
    return { path, totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  },
  process: () => ({
    node: process.version,
    pid: process.pid,
    rssBytes: process.memoryUsage.rss(),
    uptimeS: Math.floor(process.uptime()),
  }),
} satisfies Record<string, () => JsonObject | Promise<JsonObject>>;

type Section = keyof typeof sections;

const names = Object.keys(sections) as readonly Section[];

export function createSystemInfoExecutor(): Executor {
  return {
    type: 'system-info',
    description: 'Tells facts about the machine and the process.',
    effects: 'pure',
    onCrash: 'retry',
    input: {
      type: 'object',
      properties: {
        include: {
          type: 'array',
          items: { enum: names },
          minItems: 1,
          uniqueItems: true,
          description: 'What to tell. Default: all.',
        },
      },
      additionalProperties: false,
    },
    output: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { type: 'object' }])),
      additionalProperties: false,
    },
    example: { include: ['os', 'memory'] },
    async execute(input) {
      const { include = names } = input as { readonly include?: readonly Section[] };
      const facts = await Promise.all(include.map(async (name) => [name, await sections[name]()] as const));
      return Object.fromEntries(facts);
    },
  };
}
