/** What is told of a task, one section for each question. A section that has nothing to say is not there. */
import { actorText, cutText, durationText, isEnded, ladderTexts, lastOutputLines, reasonText } from '@coppice/client';
import type { PauseView, RunView, TaskView } from '@coppice/client';
import type { Json } from '@coppice/protocol';
import type { AttemptRow } from '../model/attempts.ts';
import { oneLine, STATUS_SYMBOLS } from '../model/status-look.ts';
import type { Action } from '../view-channel.ts';
import { ansiNodes } from './ansi.ts';
import { html } from './element.ts';

/** Lines of what an attempt printed that are shown. */
const LINES_MAX = 30;

/** A section's way out of the pane. */
export interface SectionLinks {
  /** Opens something as a document; undefined: this is not offered here. */
  readonly open: (action: Action) => (() => void) | undefined;
  readonly select: (taskId: string) => void;
}

/** Everything below the buttons, the most urgent first. */
export function sectionsOf(
  task: TaskView,
  { run, attempts, nowMs }: { readonly run: RunView; readonly attempts: readonly AttemptRow[]; readonly nowMs: number },
  links: SectionLinks,
): readonly Node[] {
  const { definition } = task;
  return [
    ...problem(task, links),
    ...doneAbout(task),
    ...reasons(task),
    ...waitsFor(task, run, links),
    ...printed(task),
    ...attemptTable(attempts, nowMs, links),
    ...value('Output', task.output, links.open('openOutput')),
    ...value('Input of the last attempt', task.input, links.open('openInput')),
    ...value('Inputs as defined', isSame(task.input, definition.inputs) ? undefined : definition.inputs),
    ...times(task, nowMs),
    ...value('Policies', definition.policies),
    ...value('Tags', definition.tags.length === 0 ? undefined : definition.tags.join(', ')),
    ...value('Id', task.id),
    ...value('Copy of', definition.originalTaskId),
  ];
}

function problem({ error }: TaskView, links: SectionLinks): readonly Node[] {
  if (error === undefined) return [];
  const lines = [`${error.message} (${error.code})`];
  for (let at = error.cause; at !== undefined; at = at.cause) {
    // An error that says its cause word for word has said it.
    if (lines.at(-1)?.includes(at.message) !== true) lines.push(`because: ${at.message}`);
  }
  return [heading('Error', links.open('openError')), html('p', { class: 'problem' }, lines.join('\n'))];
}

/** What each step of the failure ladder did about a failure that nobody dealt with. */
function doneAbout({ ladder }: TaskView): readonly Node[] {
  if (ladder === undefined) return [];
  const items = ladderTexts(ladder).map((text) => html('li', {}, oneLine(text)));
  return [heading('What was done about it'), html('ul', { class: 'done-about' }, ...items)];
}

function reasons({ reason, cut, pause }: TaskView): readonly Node[] {
  const shown: Node[] = [];
  if (pause !== undefined) shown.push(html('p', { class: 'explained is-paused' }, pausedText(pause)));
  if (reason !== undefined) shown.push(html('p', { class: 'explained' }, reasonText(reason)));
  if (cut !== undefined) shown.push(html('p', { class: 'explained' }, cutText(cut)));
  return shown;
}

/** `Paused since 14:03:07 by mia, from the page: the database is moved`. */
function pausedText({ sinceMs, by, reason, isReached }: PauseView): string {
  const who = by === undefined ? '' : ` by ${oneLine(actorText(by))}`;
  const text = `${isReached ? 'Paused' : 'Pausing'} since ${clock(sinceMs)}${who}`;
  return reason === undefined ? `${text}.` : `${text}: ${oneLine(reason)}`;
}

/** The tasks that it depends on and that have not ended. */
function waitsFor(task: TaskView, run: RunView, links: SectionLinks): readonly Node[] {
  if (task.status !== 'pending') return [];
  const open = task.definition.dependencies.flatMap(({ task: id }) => {
    const source = run.tasks.get(id);
    return source === undefined || isEnded(source.status) ? [] : [source];
  });
  if (open.length === 0) return [];
  const items = open.map((source) => {
    const button = html('button', { type: 'button', class: 'link' }, oneLine(source.definition.name));
    button.addEventListener('click', () => links.select(source.id));
    return html('li', {}, `${STATUS_SYMBOLS[source.status]} `, button, ` ${source.status}`);
  });
  return [heading('Waits for'), html('ul', { class: 'waits-for' }, ...items)];
}

function printed({ output, error }: TaskView): readonly Node[] {
  const { lines, earlier, isCut } = lastOutputLines({ output, error }, LINES_MAX);
  if (lines.length === 0) return [];
  const more =
    earlier > 0 || isCut ? [html('p', { class: 'facts' }, `${earlier > 0 ? earlier : 'Some'} lines before`)] : [];
  const text = lines.map(({ stream, line }) => html('span', { class: `line-${stream}` }, ...ansiNodes(line), '\n'));
  return [heading('Last output'), ...more, html('pre', { tabindex: 0, class: 'printed' }, ...text)];
}

const OUTCOMES: Readonly<Record<AttemptRow['outcome'], string>> = {
  running: '▶ running',
  completed: '✓ completed',
  failed: '✕ failed',
  retry: '✕ failed, tried again',
  interrupted: '↻ interrupted',
  skipped: '⊘ skipped by hand',
  cancelled: '⊘ cancelled',
};

/** A task that was tried once says all of it elsewhere. */
function attemptTable(attempts: readonly AttemptRow[], nowMs: number, links: SectionLinks): readonly Node[] {
  if (attempts.length < 2) return [];
  const head = ['#', 'Outcome', 'Took', 'Problem'].map((name) => html('th', { scope: 'col' }, name));
  const rows = attempts.map(({ attempt, outcome, startedAtMs, endedAtMs, error }) =>
    html(
      'tr',
      {},
      html('th', { scope: 'row' }, String(attempt)),
      html('td', {}, OUTCOMES[outcome]),
      html('td', {}, durationText((endedAtMs ?? nowMs) - startedAtMs)),
      html('td', {}, error === undefined ? '' : oneLine(error.message)),
    ),
  );
  const table = html(
    'table',
    { class: 'attempts' },
    html('thead', {}, html('tr', {}, ...head)),
    html('tbody', {}, ...rows),
  );
  return [heading('Attempts', links.open('openAttempts')), table];
}

function times({ readyAtMs, startedAtMs, endedAtMs, isReused }: TaskView, nowMs: number): readonly Node[] {
  if (isReused || readyAtMs === undefined) return [];
  const rows: [name: string, text: string][] = [['Ready', clock(readyAtMs)]];
  if (startedAtMs !== undefined && startedAtMs >= readyAtMs) {
    rows.push(['Started', `${clock(startedAtMs)}, after ${durationText(startedAtMs - readyAtMs)}`]);
    const took = durationText((endedAtMs ?? nowMs) - startedAtMs);
    if (endedAtMs !== undefined) rows.push(['Ended', `${clock(endedAtMs)}, after ${took}`]);
  }
  const list = rows.flatMap(([name, text]) => [html('dt', {}, name), html('dd', {}, text)]);
  return [heading('Times'), html('dl', { class: 'times' }, ...list)];
}

function clock(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
}

function value(title: string, shown: Json | undefined, open?: () => void): readonly Node[] {
  if (shown === undefined || shown === null || isEmptyObject(shown)) return [];
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown, null, 2);
  return [heading(title, open), html('pre', { tabindex: 0 }, text)];
}

/** `open`: opens what is below as a document. */
function heading(title: string, open?: () => void): HTMLElement {
  if (open === undefined) return html('h3', {}, title);
  const button = html(
    'button',
    { type: 'button', class: 'link', 'aria-label': `Open as a document: ${title}` },
    'Open',
  );
  button.addEventListener('click', open);
  return html('div', { class: 'section-head' }, html('h3', {}, title), button);
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isEmptyObject(shown: Json): boolean {
  return typeof shown === 'object' && shown !== null && Object.keys(shown).length === 0;
}
