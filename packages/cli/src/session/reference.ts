/**
 * Turns what a person calls a task or a tree into its id. Every command uses this place, and no other does it.
 *
 *     reference := tree | tree '/' task | task
 *     tree      := 'latest' | id | beginning of an id, 4 characters at least | name
 *     task      := id | key | name, or several of these from group to member: build/linux/test
 *
 * 1. A whole id is never looked up: a script pays nothing for this.
 * 2. What fits several is refused, and all that it fits are named. One exception: a tree's name that several trees have means the
 *    newest of them where nothing is changed, and that is said.
 * 3. What fits nothing is left as it is: the server says that there is no such task.
 */
import type { Client } from '@coppice/client';
import { relativeText } from '@coppice/client';
import type { NestedTask, TaskListItem } from '@coppice/protocol';
import { plain } from '../output/harmless.ts';
import { UsageError } from '../output/report-error.ts';

export const LATEST = 'latest';

export interface ReferenceOptions {
  readonly client: Client;
  /** true: the command changes something, so a name must have one meaning. */
  readonly isChange: boolean;
  /** Called with a sentence that says which of several trees was taken. */
  readonly note: (text: string) => void;
}

const WHOLE_ID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(\.[\da-z]+)*$/;
/** Trees or tasks that are compared at most: more than a person could choose from. */
const SEARCHED_MAX = 1000;
/** Candidates that a message names. */
const NAMED_MAX = 10;

/** The id of the task that a person means; for a tree, the id of its root. */
export async function resolveTask(reference: string, options: ReferenceOptions): Promise<string> {
  if (WHOLE_ID.test(reference)) return reference;
  const slash = reference.indexOf('/');
  const head = slash === -1 ? reference : reference.slice(0, slash);
  if (head !== LATEST && (await isId(options.client, reference))) return reference;
  const treeId = await findTree(head, options);
  if (treeId === undefined) return slash === -1 ? await findAnywhere(reference, options) : reference;
  return slash === -1 ? treeId : await findInside(treeId, reference.slice(slash + 1), options);
}

/** The id of the tree that a person means. The part behind a slash is not looked at. */
export async function resolveTree(reference: string, options: ReferenceOptions): Promise<string> {
  if (WHOLE_ID.test(reference)) return reference.replace(/\..*$/, '');
  const [head = reference] = reference.split('/');
  const treeId = await findTree(head, options);
  if (treeId !== undefined) return treeId;
  const task = await options.client.tasks.get({ taskId: reference }).catch(() => undefined);
  return task?.treeId ?? reference;
}

async function isId(client: Client, reference: string): Promise<boolean> {
  return client.tasks.get({ taskId: reference }).then(
    () => true,
    () => false,
  );
}

async function findTree(head: string, { client, isChange, note }: ReferenceOptions): Promise<string | undefined> {
  if (head === LATEST) {
    const { items } = await client.tasks.list({ limit: 1 });
    if (items[0] === undefined) throw new UsageError('There is no tree yet, so none is the latest.');
    return items[0].id;
  }
  if (head === '') return undefined;
  const { items } = await client.tasks.list({ search: head, limit: SEARCHED_MAX });
  const byId = items.filter(({ id }) => id.startsWith(head));
  const exact = byId.find(({ id }) => id === head);
  if (exact !== undefined || byId.length === 1) return exact?.id ?? byId[0]?.id;
  if (byId.length > 1) throw ambiguous(head, 'tree ids that begin so', byId.map(describeTree));
  const [newest, ...others] = items.filter(({ name }) => name === head);
  if (newest === undefined || others.length === 0) return newest?.id;
  if (isChange) throw ambiguous(head, 'trees of this name', [newest, ...others].map(describeTree));
  note(`${others.length + 1} trees have the name ${plain(head)}; this is the newest, ${newest.id}.`);
  return newest.id;
}

/** A task by its name, whatever its tree. */
async function findAnywhere(name: string, { client }: ReferenceOptions): Promise<string> {
  if (name === '') return name;
  const { items } = await client.tasks.list({ search: name, rootOnly: false, limit: SEARCHED_MAX });
  const found = items.filter((item) => item.name === name || item.key === name);
  const inLatest = `${LATEST}/${name}  the one of the newest tree`;
  if (found.length > 1) throw ambiguous(name, 'tasks of this name', [inLatest, ...found.map(describeTask)]);
  return found[0]?.id ?? name;
}

interface PlacedTask {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly parent: PlacedTask | undefined;
}

async function findInside(treeId: string, path: string, { client }: ReferenceOptions): Promise<string> {
  const tasks = await readTree(client, treeId);
  const byKey = tasks.filter(({ key }) => key === path);
  const byName = byKey.length > 0 ? byKey : tasks.filter(({ name }) => name === path);
  const found = byName.length > 0 ? byName : tasks.filter((task) => endsWith(task, path.split('/')));
  if (found.length > 1) throw ambiguous(path, 'tasks of this name in the tree', found.map(describePlace));
  if (found[0] !== undefined) return found[0].id;
  const known = tasks.slice(1).map(describePlace);
  const more = known.length > NAMED_MAX ? ` and ${known.length - NAMED_MAX} more` : '';
  throw new UsageError(
    `There is no task "${plain(path)}" in tree ${treeId}. It has ${known.slice(0, NAMED_MAX).join(', ')}${more}.`,
  );
}

/** True when the last parts of the task's path are these. */
function endsWith(task: PlacedTask, parts: readonly string[]): boolean {
  let at: PlacedTask | undefined = task;
  for (const part of parts.toReversed()) {
    if (at === undefined || (at.key !== part && at.name !== part)) return false;
    at = at.parent;
  }
  return true;
}

/** All tasks of a tree, the root first. Asks several times if one answer has no room for all. */
export async function readTree(client: Client, treeId: string): Promise<readonly PlacedTask[]> {
  const found: PlacedTask[] = [];
  const cut: PlacedTask[] = [];
  const root = await client.tasks.tree({ taskId: treeId });
  collect(root, undefined, { found, cut });
  for (let task = cut.pop(); task !== undefined; task = cut.pop()) {
    const inner = await client.tasks.tree({ taskId: task.id, subtreeOnly: true });
    for (const child of inner.children) collect(child, task, { found, cut });
  }
  return found;
}

interface Collection {
  readonly found: PlacedTask[];
  /** Tasks whose children were left out. */
  readonly cut: PlacedTask[];
}

function collect(top: NestedTask, parent: PlacedTask | undefined, { found, cut }: Collection): void {
  const stack: { readonly task: NestedTask; readonly parent: PlacedTask | undefined }[] = [{ task: top, parent }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { id, key, name, children, truncated } = at.task;
    const placed = { id, key, name, parent: at.parent };
    found.push(placed);
    if (truncated === true) cut.push(placed);
    for (const child of children.toReversed()) stack.push({ task: child, parent: placed });
  }
}

function describeTree({ id, name, runStatus, startedAt }: TaskListItem): string {
  const when = startedAt === null ? 'not started' : `started ${relativeText(startedAt, Date.now())}`;
  return `${id}  ${plain(name)}, ${runStatus}, ${when}`;
}

function describeTask({ id, name, status }: TaskListItem): string {
  return `${id}  ${plain(name)}, ${status}`;
}

/** The path without the root, which stands for the tree. */
function describePlace(task: PlacedTask): string {
  const parts: string[] = [];
  for (let at: PlacedTask | undefined = task; at?.parent !== undefined; at = at.parent) parts.unshift(plain(at.key));
  return parts.join('/');
}

function ambiguous(reference: string, what: string, candidates: readonly string[]): UsageError {
  const more = candidates.length > NAMED_MAX ? [`… and ${candidates.length - NAMED_MAX} more`] : [];
  const details = [...candidates.slice(0, NAMED_MAX), ...more];
  return new UsageError(`"${plain(reference)}" is ambiguous: it fits several ${what}.`, details);
}
