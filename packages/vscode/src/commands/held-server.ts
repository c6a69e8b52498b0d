/** Questions about holds: what is to be held and why, and which hold is to end. */
import type { Hold } from '@coppice/protocol';
import { heldWhat, holdText, releaseParams } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { inLabel } from '../plain-text.ts';
import { askText, pickOne } from '../questions.ts';

type HoldWhat = 'everything' | 'tag' | { readonly executor: string };

export async function askHold({ client }: Connection): Promise<void> {
  const { items } = await client.executors.list({});
  const choices: (vscode.QuickPickItem & { readonly what: HoldWhat })[] = [
    { label: vscode.l10n.t('Everything'), what: 'everything' },
    ...items.map(({ type, description }) => ({
      label: inLabel(vscode.l10n.t('The executor {0}', type)),
      description: inLabel(description),
      what: { executor: type },
    })),
    { label: vscode.l10n.t('A tag…'), what: 'tag' },
  ];
  const placeHolder = vscode.l10n.t('What is to be held? Nothing of it starts until it is released.');
  const what = (await pickOne(choices, { placeHolder }))?.what;
  if (what === undefined) return;
  const tag = what === 'tag' ? (await askText({ prompt: vscode.l10n.t('The tag') }))?.trim() : '';
  if (tag === undefined || (what === 'tag' && tag === '')) return;
  const prompt = vscode.l10n.t('Why? Whoever waits will read it. It may be empty.');
  const reason = (await askText({ prompt }))?.trim();
  if (reason === undefined) return;
  const why = reason === '' ? {} : { reason };
  if (typeof what === 'object') await client.holds.set({ ...what, ...why });
  else if (what === 'tag') await client.holds.set({ tag, ...why });
  else await client.holds.set(why);
}

/** Lists what is held; the chosen hold ends. */
export async function releaseOne({ client, holds }: Connection): Promise<void> {
  if (holds.items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing is held.'));
    return;
  }
  const items = holds.items.map((hold: Hold) => ({
    label: `$(debug-pause) ${inLabel(heldWhat(hold))}`,
    detail: inLabel(holdText(hold)),
    hold,
  }));
  const placeHolder = vscode.l10n.t('Which hold is to end?');
  const chosen = await pickOne(items, { placeHolder, matchOnDetail: true });
  if (chosen !== undefined) await client.holds.release(releaseParams(chosen.hold));
}
