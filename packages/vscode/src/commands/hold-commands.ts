/** Commands that hold a server for maintenance, and release it. */
import type { Command, Services } from './command-table.ts';
import { askHold, releaseOne } from './held-server.ts';

export function holdCommands({ targets }: Services): Readonly<Record<string, Command>> {
  return {
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
