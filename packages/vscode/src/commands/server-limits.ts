/** The limits of a server as a list: what its gates let pass and who waits. The chosen one can be changed. */
import { parseLimit } from '@coppice/client';
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
} from '@coppice/ui';
import type { GateReport } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { inLabel } from '../plain-text.ts';
import { askText, pickOne } from '../questions.ts';

/** Tasks that are named at a gate. */
const NAMED = 3;

export async function showLimits({ client }: Connection): Promise<void> {
  const { items } = await client.limits.get({});
  const rows = items.map((report) => ({
    label: inLabel(report.gate),
    description: inLabel(
      report.breaker === null
        ? vscode.l10n.t('{0} in use, waiting: {1}', useText(report), waitingText(report))
        : vscode.l10n.t('{0}; waiting: {1}', useText(report), waitingText(report)),
    ),
    detail: inLabel(detailOf(report)),
    report,
  }));
  const placeHolder = vscode.l10n.t('Limits: choose one to change it');
  const chosen = await pickOne(rows, { placeHolder, matchOnDescription: true });
  if (chosen === undefined) return;
  const { report } = chosen;
  if (report.breaker !== null) return resetBreaker(client, report);
  if (!isChangeable(report)) {
    void vscode.window.showInformationMessage(vscode.l10n.t('This one follows from the definition of its tree.'));
    return;
  }
  const text = await askText({
    title: inLabel(report.gate),
    prompt: LIMIT_HINT,
    value: typedLimit(report),
    validateInput: (given) => (parseLimit(given) === undefined ? LIMIT_HINT : undefined),
  });
  const limit = text === undefined ? undefined : parseLimit(text);
  if (limit !== undefined) await client.limits.set({ gate: report.gate, limit });
}

async function resetBreaker(client: Connection['client'], report: GateReport): Promise<void> {
  const { gate } = report;
  if (!isResettable(report)) {
    void vscode.window.showInformationMessage(vscode.l10n.t('This breaker is closed: nothing is kept back.'));
    return;
  }
  const reset = vscode.l10n.t('Reset');
  const question = vscode.l10n.t('Close {0}? What waits may start at once.', inLabel(gate));
  if ((await vscode.window.showWarningMessage(question, { modal: true }, reset)) === reset)
    await client.limits.reset({ gate });
}

/** Who has set it, when the next place is free, and who waits. */
function detailOf(report: GateReport): string {
  const texts = [
    setLimitText(report),
    freeText(report, Date.now()),
    statsText(report),
    ...report.waiters.slice(0, NAMED).map(waiterText),
  ];
  return texts.filter((text) => text !== '').join(' · ');
}
