/** The functions that took most time in a processor profile. */
import { readFileSync } from 'node:fs';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface ProfiledFunction {
  readonly name: string;
  /** Time in the function itself, ms. */
  readonly selfMs: number;
  /** Time in it and in what it called, ms; calls of itself are counted once. */
  readonly totalMs: number;
}

/** By time in the function itself, longest first. */
export function readProfile(file: string): readonly ProfiledFunction[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const selfById = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    selfById.set(id, (selfById.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000);
  }
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const functions = new Map<string, { selfMs: number; totalMs: number }>();
  const visit = (id: number, above: readonly string[]): number => {
    const node = nodes.get(id) as ProfileNode;
    const name = nameOf(node, above.at(-1));
    const selfMs = selfById.get(id) ?? 0;
    let totalMs = selfMs;
    for (const child of node.children ?? []) totalMs += visit(child, [...above, name]);
    const entry = functions.get(name) ?? { selfMs: 0, totalMs: 0 };
    entry.selfMs += selfMs;
    if (!above.includes(name)) entry.totalMs += totalMs;
    functions.set(name, entry);
    return totalMs;
  };
  const [root] = profile.nodes;
  if (root !== undefined) visit(root.id, []);
  return [...functions].map(([name, times]) => ({ name, ...times })).toSorted((a, b) => b.selfMs - a.selfMs);
}

/** Native functions have no place, many not even a name: whoever called them says more. */
function nameOf({ callFrame }: ProfileNode, caller = ''): string {
  const { functionName, url, lineNumber } = callFrame;
  if (url === '') return functionName === '' ? `(native) in ${caller}` : functionName;
  const place = url.replace(/^.*\/(packages|extensions|node_modules|bench)\//, '$1/');
  return `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`;
}
