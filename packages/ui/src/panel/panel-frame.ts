/** What surrounds a picture of a run: which run, how it stands, how fresh that is, and the moment that is shown. */
import {
  compensationText,
  durationText,
  isRunUnderWay,
  leftText,
  percentOf,
  runDurationMs,
  runTally,
  toleratedText,
} from '@coppice/client';
import type { RunView } from '@coppice/client';
import type { Action, Freshness, SessionMessage, ViewChannel } from '../view-channel.ts';
import { RunModel } from '../model/run-model.ts';
import type { Change } from '../model/run-model.ts';
import { oneLine, STATUS_SYMBOLS } from '../model/status-look.ts';
import { html, setAttributes, setText } from '../view/element.ts';
import type { Picture, PictureEvents } from '../view/picture.ts';

/** Makes a picture inside an element. */
export type PictureFactory = (parent: HTMLElement, events: PictureEvents) => Picture;

export interface FrameContent {
  readonly makePicture: PictureFactory;
  /** What is around the picture. `none`: a frame beside it tells which run it is and how fresh that is; `notice`: only the latter is said. */
  readonly around: 'header' | 'notice' | 'none';
}

const FRESHNESS_TEXT: Readonly<Record<Freshness, string>> = {
  live: '',
  reconnecting: 'Connection lost, trying again. This is the last known state.',
  stale: 'Bringing this up to date …',
  offline: 'Not connected. This is the last known state.',
};

const KEEP_MS = 200;
const TICK_MS = 1000;

export class PanelFrame {
  readonly model = new RunModel();
  readonly #channel: ViewChannel;
  readonly #picture: Picture;
  readonly #root: HTMLElement;
  readonly #status = html('span', { class: 'run-status' });
  readonly #name = html('h1', { class: 'run-name' });
  readonly #facts = html('span', { class: 'run-facts' });
  readonly #notice = html('div', { class: 'notice', role: 'status' });
  readonly #empty = html('p', { class: 'empty' }, 'Waiting for a run to show.');
  readonly #stop: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(parent: HTMLElement, channel: ViewChannel, { makePicture, around }: FrameContent) {
    this.#channel = channel;
    const header = html('div', { class: 'panel-header' }, this.#status, this.#name, this.#facts);
    const body = html('div', { class: 'panel-body' });
    // A document of its own has a heading of the first level, if only to be read out.
    const title = html('h1', { class: 'spoken' }, 'Selected task');
    const parts = {
      header: [header, this.#notice, this.#empty, body],
      notice: [title, this.#notice, body],
      none: [body],
    };
    this.#root = html('div', { class: 'panel' }, ...parts[around]);
    parent.append(this.#root);
    this.#picture = makePicture(body, {
      select: (taskId) => channel.send({ type: 'select', taskId }),
      moveCursor: (seq) => channel.send({ type: 'cursor', seq }),
      act: (action: Action, taskId: string) => channel.send({ type: 'act', action, taskId }),
      explain: (taskId) => channel.send({ type: 'explain', taskId }),
      decide: (taskId) => channel.send({ type: 'decide', taskId }),
      answer: (taskId, answer) => channel.send({ type: 'answer', taskId, answer }),
      choose: (look) => {
        // At once: a person may reload to see whether it is kept.
        this.#keep();
        channel.send({ type: 'look', look });
      },
      stateChanged: () => this.#keepSoon(),
    });
    this.#picture.restoreState(channel.readState());
    this.#stop = channel.onMessage((message) => this.#receive(message));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    channel.send({ type: 'ready' });
  }

  dispose(): void {
    this.#stop();
    clearInterval(this.#timer);
    if (this.#keeping !== undefined) this.#keep();
    this.#picture.dispose();
    this.#root.remove();
  }

  #receive(message: SessionMessage): void {
    const change = this.model.receive(message);
    if (change.kind === 'gap') {
      this.#channel.send({ type: 'resync', treeId: change.treeId, afterSeq: change.afterSeq });
      return;
    }
    this.#show(change);
  }

  #show(change: Change): void {
    if (change.kind === 'none') return;
    const { shown } = this.model;
    this.#empty.hidden = shown.root !== undefined;
    this.#picture.update(this.model, change, nowOf(shown, this.model.cursor));
    this.#showHeader();
  }

  #showHeader(): void {
    const { shown, newest, cursor, freshness } = this.model;
    const { root, status } = shown;
    setText(this.#name, root === undefined ? '' : oneLine(root.definition.name));
    setText(this.#status, root === undefined ? '' : `${STATUS_SYMBOLS[status]} ${status}`);
    setAttributes(this.#status, { class: `run-status status-${status}` });
    setText(this.#facts, root === undefined ? '' : factsOf(shown, nowOf(shown, cursor)));
    const notes: (Node | string)[] = [];
    if (FRESHNESS_TEXT[freshness] !== '') notes.push(html('span', { class: 'is-stale' }, FRESHNESS_TEXT[freshness]));
    if (cursor !== undefined) notes.push(this.#cursorNote(cursor, newest.seq));
    const text = notes.map((note) => (typeof note === 'string' ? note : note.textContent)).join();
    // Rebuilt only when it says something else, so that a button in it keeps the focus.
    if (this.#notice.textContent !== text) this.#notice.replaceChildren(...notes);
    this.#notice.hidden = notes.length === 0;
  }

  #cursorNote(cursor: number, last: number): HTMLElement {
    const back = html('button', { type: 'button', class: 'link' }, 'Back to now');
    back.addEventListener('click', () => this.#channel.send({ type: 'cursor', seq: undefined }));
    return html('span', { class: 'cursor-note' }, `The state at event ${cursor} of ${last}. `, back);
  }

  #tick(): void {
    if (!document.hidden && isRunUnderWay(this.model.shown.status)) this.#showHeader();
  }

  #keepSoon(): void {
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.#keep(), KEEP_MS);
  }

  #keep(): void {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    this.#channel.writeState(this.#picture.readState());
  }
}

/** The time at which a state is seen: now, or that of its last event when it is a past one. */
function nowOf({ atMs }: RunView, cursor: number | undefined): number {
  return cursor === undefined ? Date.now() : (atMs ?? Date.now());
}

/** `12 of 40 tasks (30 %) · 2 running · 1 failed · 12s · ~8s left (longest chain)`. */
export function factsOf(view: RunView, nowMs: number): string {
  const tally = runTally(view);
  const { total, ended, running, waiting, failed } = tally;
  const percent = ended < total ? ` (${percentOf(tally)} %)` : '';
  const tasks = `${total} ${total === 1 ? 'task' : 'tasks'}`;
  const parts = [view.status === 'created' ? tasks : `${ended} of ${tasks}${percent}`];
  if (running > 0) parts.push(`${running} running`);
  if (waiting > 0) parts.push(`${waiting} waiting`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (view.compensation !== undefined) parts.push(oneLine(compensationText(view.compensation)));
  if (view.tolerated !== undefined) parts.push(oneLine(toleratedText(view.tolerated)));
  const tookMs = runDurationMs(view, nowMs);
  if (tookMs !== undefined) parts.push(durationText(tookMs));
  const left = leftText(view, nowMs);
  if (left !== '') parts.push(left);
  return parts.join(' · ');
}
