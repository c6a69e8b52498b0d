/** Collects violations and turns them into one rejection. */
import type { Json } from '@coppice/extension';
import { refuse } from '../errors/rejection.ts';
import type { RefusedOutcome, RejectionCode, Violation } from '../errors/rejection.ts';

export type Path = readonly (string | number)[];

/** Takes one violation. */
export type Report = (violation: Violation) => void;

/** The place that a check looks at. Each site is linked to the site around it, so that only a violation costs a path. */
export interface Site {
  /** Words for people, for example `Task 'a'`: the subject of the message. */
  readonly label: string;
  readonly report: Report;
  readonly key: string | number;
  /** The site around this one. Absent: this is the submission itself. */
  readonly holder: Site | undefined;
}

/** Makes a site when it is needed: most tasks of a large tree need none. */
export type LazySite = () => Site;

/** The site of a whole submission. */
export function siteOfAll(label: string, report: Report): Site {
  return { label, report, key: '', holder: undefined };
}

/** The site of a part, by its keys below the given site. */
export function siteOf(site: Site, ...keys: Path): Site {
  let part = site;
  for (const key of keys) part = { label: site.label, report: site.report, key, holder: part };
  return part;
}

/** Path into the submission. */
export function pathOf(site: Site): Path {
  const path: (string | number)[] = [];
  for (let at = site; at.holder !== undefined; at = at.holder) path.push(at.key);
  return path.reverse();
}

/** The predicate of the message (its subject is the label of the site), and the evidence. */
interface Statement {
  readonly what: string;
  readonly expected?: string | undefined;
  readonly actual?: Json | undefined;
}

/** Reports a violation at a site. */
export function violate(site: Site, code: RejectionCode, statement: string | Statement): void {
  const { what, expected, actual }: Statement = typeof statement === 'string' ? { what: statement } : statement;
  site.report({
    code,
    path: pathOf(site),
    reason: `${site.label} ${what}`,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  });
}

/** Most violations of one submission that are kept. The others are only counted. */
const KEPT_MAX = 1000;

/** Keeps the first violations and counts the others. */
export class Violations {
  readonly kept: Violation[] = [];
  #count = 0;

  readonly report: Report = (violation) => {
    this.#count += 1;
    if (this.kept.length < KEPT_MAX) this.kept.push(violation);
  };

  get count(): number {
    return this.#count;
  }
}

/** Most names of a chain that a message lists. */
const NAMES_SHOWN_MAX = 20;

/** Writes a chain of names as text. The middle of a long chain is left out. */
export function chain(names: readonly string[], between: string): string {
  if (names.length <= NAMES_SHOWN_MAX) return names.join(between);
  const left = names.length - NAMES_SHOWN_MAX;
  return [...names.slice(0, NAMES_SHOWN_MAX - 1), `… ${left} more …`, ...names.slice(-1)].join(between);
}

/** The codes of violations, the most important one first. A fault of the whole tree often causes faults in its tasks. */
const PRECEDENCE: readonly RejectionCode[] = [
  'limit/refused',
  'tree/invalid-parent',
  'tree/invalid-dependency',
  'tree/cycle',
  'executor/not-found',
  'task/invalid-inputs',
  'tree/invalid',
];

/** Makes one refusal of all violations, in the order of the submission. Its code is the most important one. */
export function refuseAll({ kept, count }: Violations, data: { readonly [key: string]: Json } = {}): RefusedOutcome {
  const errors = kept.toSorted((a, b) => positionOf(a) - positionOf(b));
  const code = PRECEDENCE.find((candidate) => errors.some((error) => error.code === candidate)) ?? 'tree/invalid';
  const first = errors.find((error) => error.code === code)?.reason ?? 'The tree is invalid';
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const left = count - errors.length;
  if (left > 0) errors.push({ code, path: [], reason: `and ${left} more violations` });
  return refuse(code, `${first}${more}`, { errors, ...(Object.keys(data).length === 0 ? {} : { data }) });
}

/** Position of the task with the violation. Violations of the whole submission come first. */
function positionOf({ path }: Violation): number {
  const position = path[0] === 'tasks' ? path[1] : undefined;
  return typeof position === 'number' ? position : -1;
}
