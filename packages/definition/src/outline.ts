/** The tasks of a definition with their places in the text: for outlines, for going to a task, and for renaming it. */
import { isMap, isPair, isScalar, isSeq, visit } from 'yaml';
import type { Document, Node, Pair, Scalar } from 'yaml';
import { parseYaml } from './yaml-document.ts';

/** A part of the text, as offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place that names a task. */
export interface TaskReference extends Span {
  /** The task's key: its id, or its name where there are no ids. */
  readonly key: string;
  readonly kind: 'definition' | 'dependency' | 'parent' | 'expression';
  /** In an expression: the quotes that can stand there, inside the text's own. */
  readonly quote?: '"' | "'";
}

export interface OutlinedTask {
  readonly key: string;
  readonly name: string;
  readonly executor: string | undefined;
  /** The file whose tasks are its members, as written, and where that is written. */
  readonly use: (Span & { readonly path: string }) | undefined;
  /** The whole task, and the part that names it. */
  readonly span: Span;
  readonly nameSpan: Span;
  /** Keys of the tasks it depends on, as written. */
  readonly dependencies: readonly string[];
  readonly children: readonly OutlinedTask[];
}

export interface Outline {
  readonly tasks: readonly OutlinedTask[];
  /** In the order of the text. */
  readonly references: readonly TaskReference[];
}

const EMPTY: Outline = { tasks: [], references: [] };

/** `deps.compile` and `deps["compile"]` in an expression. */
const EXPRESSION_REFERENCE = /\bdeps(?:\.([A-Za-z_]\w*)|\[\s*(["'])(.*?)\2\s*\])/g;

/** Never throws: what can not be read is left out. */
export function outlineOf(text: string): Outline {
  const document = parseYaml(text)?.document;
  if (document === undefined) return EMPTY;
  const references: TaskReference[] = [];
  const contents: unknown = document.contents;
  const tasks = isMap(contents) ? outlineTasks(contents.get('tasks', true), { text, references }) : [];
  addExpressions(document, text, references);
  return { tasks, references: references.toSorted((a, b) => a.start - b.start) };
}

/** All tasks, parents before their members. */
export function allTasks({ tasks }: Pick<Outline, 'tasks'>): readonly OutlinedTask[] {
  const all: OutlinedTask[] = [];
  const stack = tasks.toReversed();
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    all.push(task);
    stack.push(...task.children.toReversed());
  }
  return all;
}

/** The task that an offset is in; of nested ones the innermost. */
export function taskAt(outline: Outline, offset: number): OutlinedTask | undefined {
  return allTasks(outline).findLast(({ span }) => offset >= span.start && offset <= span.end);
}

/** What names a task at an offset. */
export function referenceAt(outline: Outline, offset: number): TaskReference | undefined {
  return outline.references.find(({ start, end }) => offset >= start && offset <= end);
}

/** The `use` of a file at an offset. */
export function useAt(outline: Outline, offset: number): OutlinedTask['use'] {
  return allTasks(outline).find(({ use }) => use !== undefined && offset >= use.start && offset <= use.end)?.use;
}

/** A task's own place and all that name it. */
export function referencesTo(outline: Outline, key: string): readonly TaskReference[] {
  return outline.references.filter((reference) => reference.key === key);
}

export interface TextEdit extends Span {
  readonly text: string;
}

/** Edits that give a task another key, or why that can not be. */
export function renameTask(
  outline: Outline,
  key: string,
  newKey: string,
): { readonly ok: true; readonly edits: readonly TextEdit[] } | { readonly ok: false; readonly reason: string } {
  if (!/^[\w][\w .-]*$/.test(newKey)) {
    return {
      ok: false,
      reason: 'Use letters, digits, “_”, “-”, “.” and blanks, and begin with a letter, a digit or “_”.',
    };
  }
  if (newKey !== key && allTasks(outline).some((task) => task.key === newKey)) {
    return { ok: false, reason: `There is a task “${newKey}” already.` };
  }
  const isIdentifier = /^[A-Za-z_]\w*$/.test(newKey);
  const edits = referencesTo(outline, key).map(({ start, end, kind, quote = '"' }) => {
    const text = kind !== 'expression' ? newKey : isIdentifier ? `deps.${newKey}` : `deps[${quote}${newKey}${quote}]`;
    return { start, end, text };
  });
  return edits.length === 0 ? { ok: false, reason: `There is no task “${key}”.` } : { ok: true, edits };
}

/** The text that is read, and the references found in it so far. */
interface Reading {
  readonly text: string;
  readonly references: TaskReference[];
}

function outlineTasks(value: unknown, reading: Reading): OutlinedTask[] {
  const tasks: OutlinedTask[] = [];
  if (isMap(value)) {
    for (const pair of value.items) {
      if (isScalar(pair.key)) tasks.push(outlineTask(pair.key, pair.value, { ...reading, pair }));
    }
  } else if (isSeq(value)) {
    for (const item of value.items) {
      if (!isMap(item)) continue;
      const named = scalarIn(item, 'id') ?? scalarIn(item, 'name');
      if (named !== undefined) tasks.push(outlineTask(named, item, { ...reading, pair: undefined }));
    }
  }
  return tasks;
}

interface TaskPlace extends Reading {
  /** undefined: the task is an entry of a list. */
  readonly pair: Pair | undefined;
}

function outlineTask(named: Scalar, value: unknown, { pair, ...reading }: TaskPlace): OutlinedTask {
  const { text, references } = reading;
  const key = textOf(named);
  const nameSpan = spanOf(named, text);
  references.push({ ...nameSpan, key, kind: 'definition' });
  const own = isMap(value) ? value : undefined;
  const dependencies = own === undefined ? [] : dependenciesIn(own.get('dependencies', true), reading);
  const parent = own === undefined ? undefined : scalarIn(own, 'parentId');
  if (parent !== undefined) references.push({ ...spanOf(parent, text), key: textOf(parent), kind: 'parent' });
  const shown = own === undefined ? undefined : scalarIn(own, 'name');
  const executor = own === undefined ? undefined : scalarIn(own, 'executor');
  const use = own === undefined ? undefined : scalarIn(own, 'use');
  const children = own === undefined ? [] : outlineTasks(own.get('children', true), reading);
  const end = isNode(value) ? (value.range?.[1] ?? nameSpan.end) : nameSpan.end;
  return {
    key,
    name: shown === undefined ? key : textOf(shown),
    executor: executor === undefined ? undefined : textOf(executor),
    use: use === undefined ? undefined : { ...spanOf(use, text), path: textOf(use) },
    span: { start: pair === undefined && isNode(value) ? (value.range?.[0] ?? nameSpan.start) : nameSpan.start, end },
    nameSpan,
    dependencies,
    children,
  };
}

function dependenciesIn(value: unknown, { text, references }: Reading): readonly string[] {
  if (!isSeq(value)) return [];
  return value.items.flatMap((item) => {
    const scalar = isMap(item) ? scalarIn(item, 'task') : isScalar(item) ? item : undefined;
    if (scalar === undefined) return [];
    references.push({ ...spanOf(scalar, text), key: textOf(scalar), kind: 'dependency' });
    return [textOf(scalar)];
  });
}

function addExpressions(document: Document, text: string, references: TaskReference[]): void {
  visit(document, {
    Scalar: (_key, scalar) => {
      const [start, end] = scalar.range ?? [0, 0];
      if (typeof scalar.value !== 'string' || !scalar.value.includes('deps')) return;
      const source = text.slice(start, end);
      // Only inside expressions: a condition is one as a whole.
      const isExpression = source.includes('${{') || !source.includes(' ') || /[!=<>&|]/.test(source);
      if (!isExpression) return;
      const quote = scalar.type === 'QUOTE_DOUBLE' ? "'" : '"';
      for (const match of source.matchAll(EXPRESSION_REFERENCE)) {
        const key = match[1] ?? match[3] ?? '';
        references.push({
          key,
          quote,
          kind: 'expression',
          start: start + match.index,
          end: start + match.index + match[0].length,
        });
      }
    },
  });
}

function scalarIn(map: { readonly items: readonly unknown[] }, name: string): Scalar | undefined {
  for (const pair of map.items) {
    if (isPair(pair) && isScalar(pair.key) && pair.key.value === name && isScalar(pair.value)) return pair.value;
  }
  return undefined;
}

function textOf({ value }: Scalar): string {
  return String(value);
}

/** Without quotes. While a text is being typed, the closing quote may be missing. */
function spanOf({ range, type }: Scalar, text: string): Span {
  const [start, end] = range ?? [0, 0];
  if (type !== 'QUOTE_DOUBLE' && type !== 'QUOTE_SINGLE') return { start, end };
  const isClosed = end - start > 1 && text[end - 1] === text[start];
  return { start: start + 1, end: isClosed ? end - 1 : end };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value;
}
