/** Hash of a definition: equal for equal trees, whatever their ids (R-SN-07). SHA-256 of canonical JSON. */
import { createHash } from 'node:crypto';
import type { TreeDefinition } from '@coppice/core';
import { configure } from 'safe-stable-stringify';

const stringify = configure({ deterministic: true, maximumDepth: 1_000 });

function canonical(value: object): string {
  return stringify(value) ?? '';
}

/** Hex. Ids are replaced by keys, and outcomes that a copy carried over are left out. */
export function definitionHash(definition: TreeDefinition): string {
  const keys = new Map(definition.tasks.map((task) => [task.id, task.key]));
  const hash = createHash('sha256');
  for (const task of definition.tasks) {
    const { id: _id, originalTaskId: _original, settled: _settled, parentId, dependencies, ...rest } = task;
    const linked = dependencies.map((dependency) => ({ ...dependency, task: keys.get(dependency.task) }));
    hash.update(
      canonical({ ...rest, parent: parentId === undefined ? null : keys.get(parentId), dependencies: linked }),
    );
  }
  const { inputs, variables, policies } = definition;
  hash.update(canonical({ inputs, variables, policies }));
  return hash.digest('hex');
}
