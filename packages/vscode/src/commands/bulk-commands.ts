/** The command that acts on many trees. */
import type { WorkNode } from '../explorer/nodes.ts';
import type { Command, Services } from './command-table.ts';
import { actOnMany, manyTrees, pickAction, pickTarget } from './many-trees.ts';

export function bulkCommands({ targets, filter, view }: Services): Readonly<Record<string, Command>> {
  return {
    bulk: async () => {
      const connection = await targets.server();
      if (connection === undefined) return;
      const action = await pickAction();
      if (action === undefined) return;
      const marked = manyTrees(view.selection.filter((node): node is WorkNode => node.kind === 'tree'));
      const isHere = marked?.connection === connection;
      const target = await pickTarget(filter, isHere ? marked.treeIds : []);
      if (target !== undefined) await actOnMany({ connection, action, target });
    },
  };
}
