/**
 * The configuration of a server: what a `coppice.config.json` may hold, with all defaults.
 * Pure: reading files and environment variables is the caller's.
 */
import { malformedTexts, violationsOf } from '@coppice/protocol';
import type { ParamViolation } from '@coppice/protocol';
import * as z from 'zod';

export const DEFAULT_PORT = 7420;

const count = z.int().min(0);
const positive = z.int().min(1);
const durationMs = z.number().min(0);

/** Secrets are named, never written into the file: `env` is the environment variable that holds the value. */
const fromEnv = z.strictObject({ env: z.string().min(1) });

const user = z.strictObject({
  /** The user that requests with this token are made as. */
  userId: z.string().min(1),
  /** The environment variable that holds the token. */
  token: fromEnv,
  /** `admin` sees and changes all trees, `user` own ones. */
  role: z.enum(['admin', 'user']).default('user'),
});

const extension = z.union([
  z.string().min(1),
  z.strictObject({
    /** Package name or path. */
    source: z.string().min(1),
    /** Take the place of loaded extensions that contribute the same names. */
    override: z.boolean().default(false),
  }),
]);

const configSchema = z.strictObject({
  /** Where the store, the token and the log live, relative to the working directory. */
  dataDir: z.string().min(1).default('.coppice'),
  store: z
    .strictObject({
      /** `sqlite`, `memory`, or the name of a contributed store. */
      kind: z.string().min(1).default('sqlite'),
      /** SQLite only. What was acknowledged survives a crash of the process (`normal`, the default) or also a power loss (`full`). */
      synchronous: z.enum(['normal', 'full']).default('normal'),
      /** For a contributed store. */
      options: z.record(z.string(), z.json()).default({}),
    })
    .prefault({}),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      /** 0: any free one. */
      port: z.int().min(0).max(65_535).default(DEFAULT_PORT),
      /** Host names beside loopback and `host` under which the server may be addressed. */
      allowedHosts: z.array(z.string().min(1)).default([]),
      /** Origins whose pages may call the server, e.g. `https://ui.example.org`. */
      allowedOrigins: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  auth: z
    .strictObject({
      /** Accept requests without a token; only on a loopback host. */
      noAuth: z.boolean().default(false),
      users: z.array(user).default([]),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Bytes of one request or message. */
      bodyBytes: positive.default(16 * 1024 * 1024),
      /** Requests of one batch. */
      batchSize: positive.default(100),
      /** Levels of arrays and objects in a message. */
      jsonDepth: positive.default(128),
      /** Requests that may be unanswered at once. */
      requestsInFlight: positive.default(1000),
      /** WebSockets and event streams that may be open at once. */
      connections: positive.default(256),
      subscriptionsPerConnection: positive.default(100),
      /** Bytes that may wait to be sent on one connection before its subscriptions pause. */
      sendBufferBytes: positive.default(1024 * 1024),
      /** A connection that takes nothing for this long, ms, while its subscriptions pause is closed. */
      slowReaderMs: positive.default(30_000),
    })
    .prefault({}),
  engine: z
    .strictObject({
      /** Name of a contributed engine; default the built-in one. */
      kind: z.string().min(1).optional(),
      limits: z
        .strictObject({
          global: count.optional(),
          perTree: count.optional(),
          perUser: count.optional(),
          users: z.record(z.string(), count).optional(),
          executors: z.record(z.string(), count).optional(),
          maxOpenTasks: positive.optional(),
          maxTreeTasks: positive.optional(),
        })
        .prefault({}),
      defaultTimeoutMs: durationMs.optional(),
      cancelGraceMs: durationMs.optional(),
      ageingMs: durationMs.optional(),
      snapshotEvery: count.optional(),
    })
    .prefault({}),
  /** Beside the built-in executors; package names or paths, relative to the working directory. */
  extensions: z.array(extension).default([]),
  /** Names of environment variables that expressions may read as `env`. */
  env: z.array(z.string().min(1)).default([]),
  /** Values that expressions may use as `secrets`, by name. */
  secrets: z.record(z.string().min(1), fromEnv).default({}),
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
  const malformed = malformedTexts(value);
  if (malformed.length > 0) return { ok: false, errors: malformed };
  const parsed = configSchema.safeParse(value);
  return parsed.success ? { ok: true, config: parsed.data } : { ok: false, errors: violationsOf(parsed.error, value) };
}

/** The JSON Schema of a configuration file, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
