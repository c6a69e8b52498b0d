/** What a command was told about where to work: options, environment variables and the configuration file, in this order. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, printParseErrorCode } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import { decodeText } from '../commands/decode-text.ts';
import { UsageError } from '../output/report-error.ts';
import { loadEnvFiles } from './env-files.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  /** Address of a server. */
  readonly server?: string;
  readonly dataDir?: string;
  /** Path of the configuration file. */
  readonly config?: string;
  readonly json?: boolean;
  /** Files with environment variables, of commands that execute tasks. */
  readonly envFile?: readonly string[];
}

export interface Settings {
  readonly server: string | undefined;
  readonly token: string | undefined;
  readonly dataDir: string;
  /** The parsed configuration file, not yet checked; empty without one. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Path of the configuration file; undefined: there is none. */
  readonly configFile: string | undefined;
  /** Answers and errors are JSON. */
  readonly isJson: boolean;
}

export const CONFIG_FILE = 'coppice.config.json';
export const DATA_DIR = '.coppice';

export async function loadSettings(options: GlobalOptions): Promise<Settings> {
  const variables = await loadEnvFiles(options.envFile ?? []);
  const text = await readConfigText(options.config);
  const written = text === undefined ? {} : parseConfigText(text, options.config ?? CONFIG_FILE);
  const config = allowing(variables, written);
  const configured = typeof config['dataDir'] === 'string' ? config['dataDir'] : undefined;
  return {
    server: options.server,
    token: process.env['COPPICE_TOKEN'],
    dataDir: options.dataDir ?? configured ?? DATA_DIR,
    config,
    configFile: text === undefined ? undefined : (options.config ?? CONFIG_FILE),
    isJson: options.json === true,
  };
}

/** The configuration with more variables that tasks may read. */
function allowing(names: readonly string[], config: Settings['config']): Settings['config'] {
  if (names.length === 0) return config;
  const { env = [] } = config;
  // A value that is no list stays: the check of the whole configuration refuses it.
  if (!Array.isArray(env)) return config;
  const plain = names.filter((name) => !holdsSecret(name, config));
  return { ...config, env: [...new Set([...(env as readonly unknown[]), ...plain])] };
}

/** A variable that holds a secret reaches tasks only as that secret. */
function holdsSecret(name: string, { secrets = {} }: Settings['config']): boolean {
  return Object.values(secrets ?? {}).some(
    (source: unknown) => Object(source) === source && (source as { env?: unknown }).env === name,
  );
}

/** A missing file is an error only if the person named it. */
async function readConfigText(file: string | undefined): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file ?? join(process.cwd(), CONFIG_FILE));
  } catch (error) {
    if (file === undefined) return undefined;
    throw new UsageError(`The configuration file ${file} can not be read: ${String(error)}`);
  }
  return decodeText(bytes, file ?? CONFIG_FILE);
}

/** JSON that may hold comments and trailing commas. */
function parseConfigText(text: string, file: string): Readonly<Record<string, unknown>> {
  const errors: ParseError[] = [];
  const value = parse(text, errors, { allowTrailingComma: true }) as unknown;
  const [first] = errors;
  if (first !== undefined) {
    const before = text.slice(0, first.offset).split('\n');
    const place = `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    const reason = printParseErrorCode(first.error).replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ');
    throw new UsageError(`${place}: this is no JSON: ${reason.toLowerCase()}.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${file}: expected an object, for example {"dataDir": ".coppice"}.`);
}
