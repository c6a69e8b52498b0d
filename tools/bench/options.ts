/** What `npm run bench` can be told. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Names of groups; `all`: every one. Undefined: those that are not on request. */
  readonly groups: readonly string[] | undefined;
  /** Parts of the ids of cases; undefined: all cases. */
  readonly only: readonly string[] | undefined;
  readonly rounds: number;
  readonly isLarge: boolean;
  readonly hasPeers: boolean;
  readonly isProfile: boolean;
  readonly isList: boolean;
  readonly isHelp: boolean;
  readonly jsonFile: string | undefined;
  readonly isWrite: boolean;
}

export const USAGE = `npm run bench -- [options]
  --group NAME   a group of cases (again for more; all: every group)
  --only PART    cases whose id holds PART (again for more)
  --rounds N     rounds of measurements (default 5)
  --large        also trees and stores of 1,000,000 tasks
  --peers        other programs beside ours, instead (npm ci --prefix bench/peers installs them)
  --profile      the functions that take the time, instead of figures
  --list         the ids of the cases, measuring nothing
  --json FILE    all figures
  --write        bench/RESULTS.md
  --help         this, measuring nothing`;

/** Throws an Error that ends with the usage for what it does not understand. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parse(args);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds must be a whole number above zero, not "${values.rounds}"\n${USAGE}`);
  }
  if (values.write && values.only !== undefined) {
    throw new Error(`--write keeps whole groups; leave out --only\n${USAGE}`);
  }
  return {
    groups: values.group,
    only: values.only,
    rounds,
    isLarge: values.large,
    hasPeers: values.peers,
    isProfile: values.profile,
    isList: values.list,
    isHelp: values.help,
    jsonFile: values.json,
    isWrite: values.write,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        group: { type: 'string', multiple: true },
        only: { type: 'string', multiple: true },
        rounds: { type: 'string', default: '5' },
        large: { type: 'boolean', default: false },
        peers: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'string' },
        write: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}
