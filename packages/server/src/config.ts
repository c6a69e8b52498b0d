/**
 * The configuration of a server: what a `coppice.config.json` may hold, with all defaults.
 * Descriptions and examples here are those of the reference page and of the JSON Schema.
 * Pure: reading files and environment variables is the caller's.
 */
import { unkeepableValues, strict, violationsOf } from '@coppice/protocol';
import type { ParamViolation } from '@coppice/protocol';
import * as z from 'zod';
import { count, durationMs, positive } from './config-scalars.ts';
import { engineLimits } from './engine-limits-config.ts';

export const DEFAULT_PORT = 7420;

/** Holds the token of whoever calls `coppice`; no task may ask for it. */
const CALLER_TOKEN = 'COPPICE_TOKEN';

/** What a timer of Node.js can wait for. */
const timerMs = z.int().min(1).max(2_147_483_647);
const name = z.string().min(1);

/** Secrets are named, never written into the file: `env` is the environment variable that holds the value. */
const fromEnv = strict({
  env: name.meta({
    description: 'The environment variable of the server that holds the value.',
    examples: ['API_TOKEN'],
  }),
});

const user = strict({
  userId: name.meta({ description: 'The user that requests with this token are made as.', examples: ['ann'] }),
  token: fromEnv.meta({
    description: 'Where the token is, at least 16 characters.',
    examples: [{ env: 'ANN_TOKEN' }],
  }),
  role: z.enum(['admin', 'user']).default('user').meta({
    description:
      '`admin` sees and changes all trees and uses all executors; `user` own trees, and the executors of `roles.user`.',
  }),
});

const extension = z.union([
  name.meta({ description: 'Package name or path.' }),
  strict({
    source: name.meta({ description: 'Package name or path.', examples: ['./extensions/slack.mjs'] }),
    override: z
      .boolean()
      .default(false)
      .meta({ description: 'Take the place of loaded extensions that contribute the same names.' }),
  }),
]);

const store = strict({
  kind: name.default('sqlite').meta({ description: '`sqlite`, `memory`, or the name of a contributed store.' }),
  synchronous: z.enum(['normal', 'full']).default('normal').meta({
    description:
      'SQLite only. What was acknowledged survives a crash of the process (`normal`) or also a power loss (`full`).',
  }),
  options: z
    .record(z.string(), z.json())
    .default({})
    .meta({ description: 'For a contributed store; what it takes.', examples: [{ url: 'postgres://db.example.org' }] }),
});

const listen = strict({
  host: name.default('127.0.0.1').meta({ description: 'The address to listen on.', examples: ['0.0.0.0'] }),
  port: z.int().min(0).max(65_535).default(DEFAULT_PORT).meta({ description: 'The port; 0: any free one.' }),
  allowedHosts: z
    .array(name)
    .default([])
    .meta({
      description: 'Host names beside loopback and `host` under which the server may be addressed.',
      examples: [['tasks.example.org']],
    }),
  allowedOrigins: z
    .array(name)
    .default([])
    .meta({
      description: 'Origins whose pages may call the server.',
      examples: [['https://ui.example.org']],
    }),
});

const auth = strict({
  noAuth: z.boolean().default(false).meta({
    description: 'Accept requests without a token, each as an admin; only on a loopback host.',
  }),
  users: z
    .array(user)
    .default([])
    .meta({
      description: 'Users beside the owner, whose token is in the file `token` of the data directory.',
      examples: [[{ userId: 'ann', token: { env: 'ANN_TOKEN' }, role: 'user' }]],
    }),
});

const executors = strict({
  disable: z
    .array(name)
    .default([])
    .meta({
      description: 'Executors that do not exist on this server: no task can name them, whoever asks.',
      examples: [['command', 'function']],
    }),
});

const roleExecutor = z.union([
  name.meta({ description: 'Type of the executor.' }),
  strict({
    type: name.meta({ description: 'Type of the executor.', examples: ['http'] }),
    actAsServer: z.boolean().default(false).meta({
      description:
        'Also with inputs that make it act with the rights of the server, such as `allowPrivateAddresses` of `http`, or files that it sends.',
    }),
  }),
]);

const roles = strict({
  user: z
    .strictObject({
      executors: z
        .array(roleExecutor)
        .optional()
        .meta({
          description:
            'The executors that the role `user` may use. Default: all that are loaded but those that act with the rights of the server, such as `command` and `function`.',
          examples: [['delay', 'command', { type: 'http', actAsServer: true }]],
        }),
    })
    .prefault({})
    .meta({ description: 'What the role `user` may do.' }),
});

const limits = strict({
  bodyBytes: positive.default(16 * 1024 * 1024).meta({ description: 'Bytes of one request or message.' }),
  batchSize: positive.default(100).meta({ description: 'Requests of one batch.' }),
  batchAnswerLength: positive
    .default(4 * 1024 * 1024)
    .meta({ description: 'Characters of all answers to one batch; what would come after is refused.' }),
  jsonDepth: positive.default(128).meta({ description: 'Levels of arrays and objects in a message.' }),
  objectKeys: positive.default(10_000).meta({ description: 'Members of one object in a message.' }),
  listItems: positive.default(10_000).meta({
    description:
      'Items of one list in a message, so also the tasks of one submission. A command with a server of its own has no such limit.',
  }),
  requestsInFlight: positive.default(1000).meta({ description: 'Requests that may be unanswered at once.' }),
  connections: positive.default(256).meta({ description: 'WebSockets and event streams that may be open at once.' }),
  subscriptionsPerConnection: positive.default(100).meta({ description: 'Subscriptions of one connection.' }),
  sendBufferBytes: positive
    .default(1024 * 1024)
    .meta({ description: 'Bytes that may wait to be sent on one connection before its subscriptions pause.' }),
  slowReaderMs: timerMs.default(30_000).meta({
    description: 'A connection that takes nothing for this long, ms, while its subscriptions pause is closed.',
  }),
});

const engine = strict({
  limits: engineLimits.prefault({}).meta({ description: 'Limits of what runs at once, and of what may be submitted.' }),
  defaultTimeoutMs: durationMs.optional().meta({
    description: 'Limit of one attempt, ms, where neither task nor run has one. 0 or absent: none.',
    examples: [600_000],
  }),
  cancelGraceMs: durationMs.optional().meta({
    description: 'How long an aborted attempt may take to end before it is left behind, ms. Default 5000.',
    examples: [10_000],
  }),
  ageingMs: durationMs.optional().meta({
    description: 'After this wait, ms, a ready task is admitted one priority class higher. Default 10000.',
    examples: [30_000],
  }),
  starvingAfterMs: durationMs.optional().meta({
    description:
      'After this time, ms, without a start of any of them, people are told of tasks that a gate keeps waiting. Default 60000; 0: never.',
    examples: [300_000],
  }),
  snapshotEvery: count.optional().meta({
    description: 'Events between two snapshots of a run. Default 200; 0: none.',
    examples: [1000],
  }),
});

const DAY_MS = 86_400_000;

const retentionRule = strict({
  name: name.optional().meta({
    description: 'Only runs of definitions with this name; `*` stands for any characters. Absent: of all.',
    examples: ['nightly-*'],
  }),
  status: z
    .array(z.enum(['completed', 'failed', 'cancelled']))
    .min(1)
    .optional()
    .meta({ description: 'Only runs that ended so. Absent: in any way.', examples: [['completed']] }),
  maxAgeMs: durationMs
    .default(0)
    .meta({ description: 'Runs that ended longer ago, ms, go. 0: no run is too old.', examples: [30 * DAY_MS] }),
  keep: count.default(0).meta({
    description: 'Of each name and status only so many stay, the newest. 0: any number.',
    examples: [100],
  }),
  action: z.enum(['archive', 'delete']).default('archive').meta({
    description: '`archive`: saved in a file of the archive before they leave the store. `delete`: gone for good.',
  }),
});

const RETENTION_RULES = [
  { status: ['completed'], maxAgeMs: 30 * DAY_MS, keep: 1_000 },
  { maxAgeMs: 90 * DAY_MS, keep: 1_000 },
];

const retention = strict({
  rules: z
    .array(retentionRule)
    .prefault(RETENTION_RULES as never)
    .meta({
      description:
        'The first rule that is about a run says when it leaves the store. Empty: no run ever does. Runs that have not ended stay in any case.',
    }),
  everyMs: timerMs.default(3_600_000).meta({ description: 'How often the rules are applied, ms.' }),
});

const configSchema = strict({
  $schema: z
    .string()
    .optional()
    .meta({
      description: 'The JSON Schema of this file, for editors; `coppice config schema` writes it.',
      examples: ['./coppice.config.schema.json'],
    }),
  dataDir: name.default('.coppice').meta({
    description: 'Where the store, the token and the log live, relative to the working directory.',
    examples: ['/var/lib/coppice'],
  }),
  store: store.prefault({}).meta({ description: 'Where trees and their logs are kept.' }),
  listen: listen.prefault({}).meta({ description: 'Where the server listens, and for whom.' }),
  auth: auth.prefault({}).meta({ description: 'Who may make requests.' }),
  executors: executors.prefault({}).meta({ description: 'Which executors exist.' }),
  roles: roles.prefault({}).meta({ description: 'What roles may do.' }),
  limits: limits.prefault({}).meta({ description: 'Limits of messages and connections.' }),
  engine: engine.prefault({}).meta({ description: 'How trees are run.' }),
  retention: retention.prefault({}).meta({ description: 'When runs that have ended leave the store.' }),
  baseDir: name.default('.').meta({
    description:
      'Folder that relative paths in inputs of tasks (`cwd`, `module`) start from, for submissions that bring none; itself relative to the working directory. A definition file that is run by `coppice` brings its own folder.',
    examples: ['/srv/jobs'],
  }),
  extensions: z
    .array(extension)
    .default([])
    .meta({
      description: 'Beside the built-in executors; package names or paths, relative to the working directory.',
      examples: [['@example/coppice-slack', { source: './my-executor.mjs', override: true }]],
    }),
  env: z
    .array(name)
    .default([])
    .meta({
      description:
        'Names of environment variables of the server that tasks may read: expressions as `env.NAME`, commands by `inheritEnv`.',
      examples: [['BRANCH', 'SSH_AUTH_SOCK']],
    }),
  secrets: z
    .record(name, fromEnv)
    .default({})
    .meta({
      description:
        'Values that expressions may use as `secrets.NAME`. They reach executors, and are neither stored nor shown.',
      examples: [{ apiToken: { env: 'API_TOKEN' } }],
    }),
});

/** A complete configuration: every default filled in. */
export type ServerConfig = z.output<typeof configSchema>;
/** What a person writes: everything is optional. */
export type ServerConfigInput = z.input<typeof configSchema>;

export type ParsedConfig =
  | { readonly ok: true; readonly config: ServerConfig }
  | { readonly ok: false; readonly errors: readonly ParamViolation[] };

/** Checks a configuration and fills in the defaults; all violations at once. */
export function parseConfig(value: unknown): ParsedConfig {
  const malformed = unkeepableValues(value, 'texts and numbers');
  if (malformed.length > 0) return { ok: false, errors: malformed };
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) return { ok: false, errors: violationsOf(parsed.error, value) };
  const errors = exposedSecrets(parsed.data);
  return errors.length === 0 ? { ok: true, config: parsed.data } : { ok: false, errors };
}

/** A variable that holds a secret or a token must not be given to tasks as it is. */
function exposedSecrets({ env, secrets, auth: { users } }: ServerConfig): readonly ParamViolation[] {
  const holders = new Map([[CALLER_TOKEN, 'the token of who calls coppice']]);
  for (const [secret, { env: variable }] of Object.entries(secrets)) holders.set(variable, `secrets.${secret}`);
  users.forEach(({ token }, at) => holders.set(token.env, `auth.users[${at}].token`));
  return env.flatMap((variable, at) => {
    const holder = holders.get(variable);
    if (holder === undefined) return [];
    const reason = `${variable} holds ${holder}, which tasks would read as plain text; take it out of "env"`;
    return [{ path: ['env', at], reason, actual: variable }];
  });
}

/** The JSON Schema of a configuration file, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
