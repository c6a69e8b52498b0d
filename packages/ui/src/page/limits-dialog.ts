/** The gates of the server: what they let pass, who waits and for how long; and another limit for one of them. */
import { parseLimit, type Client } from '@coppice/client';
import { errorText } from '../model/error-text.ts';
import {
  freeText,
  isChangeable,
  isResettable,
  LIMIT_HINT,
  setLimitText,
  statsText,
  typedLimit,
  useText,
  waiterText,
  waitingText,
} from '../model/limit-text.ts';
import type { GateReport } from '../model/limit-text.ts';
import { oneLine } from '../model/status-look.ts';
import { html } from '../view/element.ts';
import { showDialog } from './dialog.ts';

/** How often it is asked while a person looks. */
const ASK_MS = 2000;

/** Tasks that are named at a gate. */
const NAMED = 3;

export interface LimitsOptions {
  readonly client: Client;
  /** True: the user may change limits. */
  readonly isAdmin: boolean;
}

/** Rejects when the server does not tell its limits. */
export async function showLimits(parent: HTMLElement, { client, isAdmin }: LimitsOptions): Promise<void> {
  const body = html('tbody');
  const note = html('p', { class: 'facts', role: 'status' });
  const actionOf = (report: GateReport): Action | undefined => {
    if (!isAdmin) return undefined;
    if (isChangeable(report)) return { name: 'Change', act: () => askLimit(parent, client, report) };
    return isResettable(report) ? { name: 'Reset', act: () => askReset(parent, client, report) } : undefined;
  };
  const ask = async (): Promise<void> => {
    const { items, total } = await client.limits.get({});
    const focused = document.activeElement?.getAttribute('data-gate');
    body.replaceChildren(...items.map((report) => rowOf(report, actionOf(report))));
    const same = body.querySelector<HTMLElement>(`[data-gate="${CSS.escape(focused ?? '')}"]`);
    if (focused !== null && focused !== undefined) same?.focus();
    note.textContent = total > items.length ? `${total - items.length} more gates, at which fewer tasks wait` : '';
  };
  await ask();
  const asking = setInterval(() => {
    ask().catch((error: unknown) => (note.textContent = errorText(error)));
  }, ASK_MS);
  const heads = ['Gate', 'In use', 'Waiting'].map((name) => html('th', { scope: 'col' }, name));
  heads.push(html('th', { scope: 'col' }, html('span', { class: 'spoken' }, 'Change')));
  showDialog(parent, {
    title: 'Limits',
    body: [html('table', { class: 'limits' }, html('thead', {}, html('tr', {}, ...heads)), body), note],
    accept: undefined,
    dismiss: 'Close',
    act: () => Promise.resolve(),
    cancelled: () => clearInterval(asking),
  });
}

/** What the button in the row of a gate does. */
interface Action {
  readonly name: string;
  readonly act: () => void;
}

function rowOf(report: GateReport, action: Action | undefined): HTMLElement {
  const facts = [setLimitText(report), freeText(report, Date.now()), statsText(report)].filter((text) => text !== '');
  const last = html('td');
  if (action !== undefined) {
    const name = `${action.name} ${report.gate}`;
    const attributes = { type: 'button', class: 'secondary', 'aria-label': name, 'data-gate': report.gate };
    const button = html('button', attributes, `${action.name} …`);
    button.addEventListener('click', action.act);
    last.append(button);
  }
  return html(
    'tr',
    { class: report.waiting > 0 ? 'is-full' : undefined },
    html('th', { scope: 'row' }, oneLine(report.gate)),
    html('td', {}, useText(report), ...facts.map((text) => html('div', { class: 'facts' }, text))),
    html('td', {}, waitingText(report), ...report.waiters.slice(0, NAMED).map(lineOf)),
    last,
  );
}

function lineOf(waiter: GateReport['waiters'][number]): HTMLElement {
  return html('div', { class: 'facts' }, waiterText(waiter));
}

function askLimit(parent: HTMLElement, client: Client, report: GateReport): void {
  const { gate } = report;
  const field = html('input', { id: 'limit-value', autocomplete: 'off', 'aria-describedby': 'limit-hint' });
  field.value = typedLimit(report);
  const reason = html('input', { id: 'limit-reason', autocomplete: 'off' });
  showDialog(parent, {
    title: `Limit of ${oneLine(gate)}`,
    body: [
      html('p', {}, html('label', { for: 'limit-value' }, 'Units at once'), field),
      html('p', { class: 'hint', id: 'limit-hint' }, LIMIT_HINT),
      html('p', {}, html('label', { for: 'limit-reason' }, 'Why'), reason),
    ],
    accept: 'Set',
    act: async () => {
      const given = parseLimit(field.value);
      if (given === undefined) throw new Error(LIMIT_HINT);
      const why = reason.value.trim() === '' ? {} : { reason: reason.value.trim() };
      await client.limits.set({ gate, limit: given, ...why });
    },
  });
}

function askReset(parent: HTMLElement, client: Client, { gate, waiting }: GateReport): void {
  const reason = html('input', { id: 'limit-reason', autocomplete: 'off' });
  showDialog(parent, {
    title: `Reset ${oneLine(gate)}?`,
    body: [
      html(
        'p',
        {},
        `It closes: ${waiting === 1 ? '1 task that waits' : `${waiting} tasks that wait`} may start at once.`,
      ),
      html('p', {}, html('label', { for: 'limit-reason' }, 'Why'), reason),
    ],
    accept: 'Reset',
    act: async () => {
      await client.limits.reset({ gate, ...(reason.value.trim() === '' ? {} : { reason: reason.value.trim() }) });
    },
  });
}
