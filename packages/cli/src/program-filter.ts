/** The options that select trees, the same for every command that takes them. */
import type { Command } from 'commander';
import { collect, integer } from './option-value.ts';

export interface FilterOptions {
  readonly status?: readonly string[];
  readonly search?: string;
  readonly tag?: string;
  readonly user?: string;
  /** A duration, as in a definition file. */
  readonly olderThan?: string;
}

/** `--status`, `--search`, `--tag`, `--user`, `--older-than`. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('-s, --status <status>', 'only these; repeatable', collect)
    .option('--search <text>', 'part of the name')
    .option('--tag <tag>', 'only with this tag')
    .option('--user <id>', 'only of this user')
    .option('--older-than <duration>', 'only what was created so long ago, for example 30m, 12h or 7d');
}

export interface BulkOptions extends FilterOptions {
  readonly dryRun?: boolean;
  readonly limit?: number;
  readonly yes?: boolean;
}

/** The options of a command that acts on ids, or on all trees that a filter selects. */
export function addBulkOptions(command: Command): Command {
  return addFilterOptions(command)
    .option('-n, --limit <number>', 'with a filter: at most so many trees, the newest first (default: all)', integer)
    .option('--dry-run', 'with a filter: only show what would happen');
}
