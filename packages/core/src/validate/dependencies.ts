/** Checks the dependencies of one task: each can be resolved, can fire, and is stated only once (R-TV-04, R-RO-09 to R-RO-11). */
import { FALLBACK_PORT } from '../run/falling-back.ts';
import type { Fallback } from '../task/task.ts';
import { DEPENDENCY_DEFAULTS } from '../task/fields.ts';
import { firesOnFailure } from '../task/failure-edge.ts';
import { isGroup, type OfAKind } from '../task/kind.ts';
import { APPROVAL_PORTS, isWait } from '../task/wait.ts';
import type { DependencySubmission } from '../task/submission.ts';
import type { ValidationFacts } from './fields.ts';
import { checkCondition } from './expressions.ts';
import { siteOf, violate } from './report.ts';
import type { LazySite, Site } from './report.ts';
import { didYouMean } from './suggestion.ts';
import type { Suggest } from './suggestion.ts';

/** The tasks that dependencies may name, by position. */
export interface Sources {
  /** Position of the task that a reference means. */
  find(ref: string): number | undefined;
  readonly suggest: Suggest;
  get(position: number): SourceFacts;
  /** What expressions call a source, when it says so; absent: no task of the tree does. */
  readonly refAt?: ((position: number) => string | undefined) | undefined;
}

/** The fields of a source that the check of ports needs. */
interface SourceFacts extends OfAKind {
  readonly port?: string | undefined;
  readonly fallback?: Fallback | undefined;
}

/** A dependency with the position of its source; -1 when it can not be resolved. */
export interface ResolvedDependency extends DependencySubmission {
  /** What expressions call the source; absent: by the reference as it was written. */
  readonly ref?: string | undefined;
  readonly port?: string | undefined;
  readonly condition?: string | undefined;
  readonly source: number;
}

/** What the checks of dependencies need. */
interface Around {
  readonly sources: Sources;
  readonly facts: ValidationFacts;
  /** Conditions that were found to be sound. Often many edges of a tree have the same. */
  readonly soundConditions: Set<string>;
}

/** Resolves the dependencies of one task and reports what is wrong with them; `site` is that of the task. */
export function checkDependencies(
  dependencies: readonly (string | DependencySubmission)[],
  site: LazySite,
  around: Around,
): readonly ResolvedDependency[] {
  if (dependencies.length === 0) return NONE;
  const resolved = dependencies.map((submitted, index): ResolvedDependency => {
    const plain = typeof submitted === 'string' ? around.sources.find(submitted) : undefined;
    if (plain !== undefined) return { task: submitted as string, source: plain };
    return checkDependency(submitted, { site, index }, around);
  });
  const { refAt } = around.sources;
  if (refAt !== undefined) return withRefs(resolved, refAt, site);
  if (hasRepeatedSource(resolved)) checkDuplicates(resolved, siteOf(site(), 'dependencies'));
  if (resolved.length > 1 && resolved.some(hasKey)) checkKeys(resolved, siteOf(site(), 'dependencies'));
  return resolved;
}

function checkDependency(
  submitted: string | DependencySubmission,
  of: { readonly site: LazySite; readonly index: number },
  around: Around,
): ResolvedDependency {
  const { sources, facts } = around;
  const site = (): Site => siteOf(of.site(), 'dependencies', of.index);
  if (typeof submitted === 'string') return { task: submitted, source: resolve(submitted, site, sources) };
  const { task, required, on, port, condition, into, enabled, handles } = submitted;
  const source = resolve(task, () => siteOf(site(), 'task'), sources);
  checkEdge(submitted, site, around);
  if (source >= 0 && typeof port === 'string')
    checkPort(submitted, () => siteOf(site(), 'port'), { source: sources.get(source), facts });
  // Null means the same as an absent field.
  return {
    task,
    required,
    on,
    port: port ?? undefined,
    condition: condition ?? undefined,
    into,
    enabled,
    handles,
    source,
  };
}

/** The same with what expressions call the sources; two of them called alike are told apart by `into` only. */
function withRefs(
  dependencies: readonly ResolvedDependency[],
  refAt: NonNullable<Sources['refAt']>,
  site: LazySite,
): readonly ResolvedDependency[] {
  const named = dependencies.map((dependency): ResolvedDependency => {
    const ref = refAt(dependency.source);
    return ref === undefined ? dependency : { ...dependency, ref };
  });
  checkDuplicates(named, siteOf(site(), 'dependencies'));
  checkKeys(named, siteOf(site(), 'dependencies'));
  return named;
}

function hasKey({ into }: ResolvedDependency): boolean {
  return into !== undefined;
}

const NONE: readonly ResolvedDependency[] = [];

/** What expressions call the source of a dependency. */
export function refOf({ ref, task }: Pick<ResolvedDependency, 'ref' | 'task'>): string {
  return ref ?? task;
}

/** The input key under which a dependency's output arrives. */
export function deliveryKey(dependency: Pick<ResolvedDependency, 'ref' | 'task' | 'into'>): string {
  return dependency.into ?? refOf(dependency);
}

/** Compares each element with those before it. Most lists are short, so this is cheaper than a set. */
function hasRepeatedSource(dependencies: readonly ResolvedDependency[]): boolean {
  if (dependencies.length > 8) return new Set(dependencies.map(({ source }) => source)).size < dependencies.length;
  for (let index = 1; index < dependencies.length; index++) {
    for (let before = 0; before < index; before++) {
      if (dependencies[before]?.source === dependencies[index]?.source) return true;
    }
  }
  return false;
}

/** Finds the position of the source. `ref` is unknown, because callers without types may pass anything. */
function resolve(ref: unknown, site: LazySite, sources: Sources): number {
  const source = typeof ref === 'string' ? sources.find(ref) : undefined;
  if (source !== undefined) return source;
  if (typeof ref !== 'string' || ref.trim() === '') {
    violate(site(), 'tree/invalid-dependency', {
      what: 'has a dependency that names no task',
      expected: 'the id or name of a task',
    });
    return -1;
  }
  const hint = didYouMean(sources.suggest(ref));
  violate(site(), 'tree/invalid-dependency', {
    what: `depends on '${ref}', which is not in this tree${hint}`,
    expected: 'a task of this tree',
    actual: ref,
  });
  return -1;
}

function checkEdge(dependency: DependencySubmission, site: LazySite, { facts, soundConditions }: Around): void {
  const { on, port, condition, into } = dependency;
  if (on?.length === 0) {
    violate(siteOf(site(), 'on'), 'tree/invalid-dependency', {
      what: `has a dependency on '${dependency.task}' that fires on nothing`,
      expected: 'at least one of success, failure, skipped',
    });
  }
  if (port === '') {
    violate(siteOf(site(), 'port'), 'tree/invalid-dependency', 'has an empty port; leave it out for the primary one');
  }
  if (into === '') {
    violate(siteOf(site(), 'into'), 'tree/invalid-dependency', {
      what: 'has an unusable input key in into',
      expected: 'the name of an input',
      actual: into,
    });
  }
  if (dependency.handles === true && !firesOnFailure(dependency)) {
    violate(siteOf(site(), 'handles'), 'tree/invalid-dependency', {
      what: `handles failures of '${dependency.task}', on which it never fires`,
      expected: 'failure among on, or required: false',
      actual: true,
    });
  }
  if (typeof condition !== 'string' || soundConditions.has(condition)) return;
  if (checkCondition(condition, siteOf(site(), 'condition'), facts)) soundConditions.add(condition);
}

interface PortFacts {
  readonly source: SourceFacts;
  readonly facts: ValidationFacts;
}

function checkPort(dependency: DependencySubmission, site: LazySite, { source, facts }: PortFacts): void {
  const { port, task } = dependency;
  if (typeof port !== 'string' || port === '' || port === source.port) return;
  if (port === FALLBACK_PORT && (source.fallback ?? undefined) !== undefined) return;
  if (isGroup(source)) {
    violate(site(), 'tree/invalid', {
      what: `expects port '${port}' of the group '${task}', but a group has no ports`,
      actual: port,
    });
    return;
  }
  if (isWait(source)) {
    if (source.approval !== undefined && APPROVAL_PORTS.includes(port)) return;
    violate(site(), 'tree/invalid', {
      what: `expects port '${port}' of '${task}', which waits and does not end on it`,
      expected: source.approval === undefined ? 'no port' : APPROVAL_PORTS.join(', '),
      actual: port,
    });
    return;
  }
  const executor = facts.findExecutor(source.executor ?? '');
  if (executor === undefined || executor.ports === 'dynamic' || executor.ports?.includes(port) === true) return;
  violate(site(), 'tree/invalid', {
    what: `expects port '${port}' of '${task}', which its executor '${source.executor}' does not declare`,
    expected: describePorts(executor.ports, source.port),
    actual: port,
  });
}

function describePorts(declared: readonly string[] | undefined, primary: string | undefined): string {
  const ports = [...(primary === undefined ? [] : [primary]), ...(declared ?? [])];
  return ports.length === 0 ? 'no port: it has the primary one only' : ports.join(', ');
}

/** Two edges are the same when source, port, trigger and condition are (R-RO-09). */
function checkDuplicates(dependencies: readonly ResolvedDependency[], site: Site): void {
  const first = new Map<number, Map<string, number>>();
  for (const [index, dependency] of dependencies.entries()) {
    const { source, task } = dependency;
    if (source < 0) continue;
    let edges = first.get(source);
    if (edges === undefined) first.set(source, (edges = new Map<string, number>()));
    const identity = identityOf(dependency);
    const before = edges.get(identity);
    if (before === undefined) edges.set(identity, index);
    else {
      violate(siteOf(site, index), 'tree/invalid-dependency', {
        what: `depends on '${task}' twice: this is the same edge as dependency ${before}`,
        expected: 'another port, trigger or condition',
        actual: task,
      });
    }
  }
}

function identityOf({ port, on, condition }: DependencySubmission): string {
  if (port === undefined && on === undefined && condition === undefined) return PLAIN_EDGE;
  return JSON.stringify([port ?? null, [...new Set(on ?? DEPENDENCY_DEFAULTS.on)].sort(), condition ?? null]);
}

const PLAIN_EDGE = JSON.stringify([null, DEPENDENCY_DEFAULTS.on, null]);

/**
 * Outputs of several sources under one input key become a list, when each says so with `into` (R-RO-10). One whose reference only happens to be
 * called like the key is refused. Edges of one source carry the same output.
 */
function checkKeys(dependencies: readonly ResolvedDependency[], site: Site): void {
  const first = new Map<string, number>();
  for (const [index, dependency] of dependencies.entries()) {
    if (dependency.enabled === false || dependency.source < 0) continue;
    const key = deliveryKey(dependency);
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, index);
      continue;
    }
    const other = dependencies[before] as ResolvedDependency;
    if (other.source === dependency.source || (hasKey(other) && hasKey(dependency))) continue;
    violate(siteOf(site, index, 'into'), 'tree/invalid', {
      what: `gets two outputs under the input key '${key}': dependencies ${before} and ${index}`,
      expected: 'a key of its own for each, or into for both: then they become a list',
      actual: key,
    });
  }
}
