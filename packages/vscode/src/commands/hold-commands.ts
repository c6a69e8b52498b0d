/** Commands that hold a server for maintenance, release it, and show and change its limits. */
import type { Command, Services } from './command-table.ts';
import { askHold, releaseOne } from './held-server.ts';
import { showLimits } from './server-limits.ts';

export function holdCommands({ targets }: Services): Readonly<Record<string, Command>> {
  return {
    limits: async () => {
      const connection = await targets.server();
      if (connection !== undefined) await showLimits(connection);
    },
    hold: async () => {
      const connection = await targets.server();
      if (connection !== undefined) await askHold(connection);
    },
    release: async () => {
      const connection = await targets.server();
      if (connection !== undefined) await releaseOne(connection);
    },
  };
}
