/** What the executor `command` accepts and answers. */
import type { Json, JsonObject } from '@coppice/extension';

export interface CommandInput {
  readonly command: string;
  readonly args?: readonly string[];
  readonly shell?: boolean;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly inheritEnv?: readonly string[];
  readonly stdin?: Json;
  readonly parse?: 'text' | 'json' | 'lines';
  readonly successExitCodes?: readonly number[];
  readonly maxOutputBytes?: number;
  readonly keep?: 'head' | 'tail';
  readonly killGraceMs?: number;
  readonly background?: boolean;
  readonly onCrash?: 'end' | 'wait';
}

export const maxOutputBytesDefault = 1_048_576;
/** Bytes of each stream that a failure keeps, unless `maxOutputBytes` is given. */
export const maxEvidenceBytesDefault = 262_144;
export const killGraceMsDefault = 2000;

/** Variables that every command gets, where they are set: without them few programs work, and none of them is a secret. */
export const inheritedEnv: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'PATHEXT',
  'SYSTEMROOT',
  'COMSPEC',
];

export const commandInputSchema: JsonObject = {
  type: 'object',
  properties: {
    command: {
      type: 'string',
      minLength: 1,
      description: 'The program: a name looked up in PATH, or a path. With `shell`, a whole command line.',
    },
    args: {
      type: 'array',
      items: { type: 'string' },
      description: 'Its arguments, passed as they are. Not with `shell`.',
    },
    shell: {
      type: 'boolean',
      default: false,
      description: 'Hand `command` to the shell. Never build it from values you do not trust.',
    },
    cwd: {
      type: 'string',
      minLength: 1,
      description: 'Working directory; a relative path starts in the folder of the definition. Default: that folder.',
    },
    env: { type: 'object', additionalProperties: { type: 'string' }, description: 'Environment variables to set.' },
    inheritEnv: {
      type: 'array',
      items: { type: 'string' },
      description: `Further variables to pass on from the Coppice process, beside ${inheritedEnv.join(', ')}: those that the configuration allows with \`env\`.`,
    },
    stdin: { description: 'Written to standard input: a text as it is, any other value as JSON. Default: no input.' },
    parse: {
      enum: ['text', 'json', 'lines'],
      default: 'text',
      description:
        'text: the output holds `stdout`; json or lines: it holds the parsed `value` instead. Integers beyond 2^53 become text, so that nothing is rounded.',
    },
    successExitCodes: {
      type: 'array',
      items: { type: 'integer', minimum: 0, maximum: 255 },
      minItems: 1,
      default: [0],
      description: 'Exit codes that mean success.',
    },
    maxOutputBytes: {
      type: 'integer',
      minimum: 0,
      maximum: 67_108_864,
      default: maxOutputBytesDefault,
      description: 'Bytes kept of standard output, and of standard error. The rest is dropped and `truncated` says so.',
    },
    keep: { enum: ['head', 'tail'], default: 'tail', description: 'Which end of a longer output is kept.' },
    killGraceMs: {
      type: 'integer',
      minimum: 0,
      maximum: 60_000,
      default: killGraceMsDefault,
      description: 'On cancel and time-out: time between SIGTERM and SIGKILL to all processes of the command, ms.',
    },
    background: {
      type: 'boolean',
      default: false,
      description:
        'Processes that the program leaves in the background go on when it has ended; redirect their output. Default: they are ended with it.',
    },
    onCrash: {
      enum: ['end', 'wait'],
      default: 'end',
      description:
        'When Coppice was killed while the program ran: at the next start it is ended, or waited for, before the attempt is begun again.',
    },
  },
  required: ['command'],
  additionalProperties: false,
  if: { properties: { shell: { const: true } }, required: ['shell'] },
  then: { properties: { args: { maxItems: 0, description: 'Put arguments into `command`.' } } },
};

export const commandOutputSchema: JsonObject = {
  type: 'object',
  properties: {
    exitCode: { type: 'integer' },
    stdout: { type: 'string', description: 'Standard output; with `parse` absent or text.' },
    value: { description: 'Parsed standard output; with `parse` json or lines.' },
    stderr: { type: 'string' },
    truncated: { type: 'boolean', description: 'Part of standard output or standard error was dropped.' },
  },
  required: ['exitCode', 'stderr', 'truncated'],
  additionalProperties: false,
};
