/** The run in the middle, as graph, timeline or log. The hidden ones get no messages. */
import type { Client } from '@coppice/client';
import type { AttachedView, RunSession } from '../model/run-session.ts';
import { PanelFrame } from '../panel/panel-frame.ts';
import type { PictureFactory } from '../panel/panel-frame.ts';
import { html, setAttributes } from '../view/element.ts';
import { channelTo } from './session-channel.ts';
import { layouterBeside } from '../view/flow-layouter.ts';
import { GraphView } from '../view/graph-view.ts';
import { LogView } from '../view/log-view.ts';
import { TimelineView } from '../view/timeline-view.ts';

const layouter = layouterBeside(document.currentScript);

const LOG = 'Log';

interface Tab {
  readonly name: string;
  readonly makePicture: PictureFactory;
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  frame: PanelFrame | undefined;
  view: AttachedView | undefined;
}

export class RunPane {
  readonly element: HTMLElement;
  readonly #tabs: readonly Tab[];
  readonly #empty = html('p', { class: 'empty' }, 'Choose a tree at the left.');
  #session: RunSession | undefined;
  #shown = 0;

  constructor(read: Client['followLogs']) {
    const pictures: Readonly<Record<string, PictureFactory>> = {
      Graph: (parent, events) => new GraphView(parent, events, layouter),
      Timeline: (parent, events) => new TimelineView(parent, events),
      [LOG]: (parent, events) => new LogView(parent, events, read),
    };
    this.#tabs = Object.entries(pictures).map(([name, makePicture], index) => this.#makeTab(index, name, makePicture));
    const list = html('div', { class: 'tabs', role: 'tablist', 'aria-label': 'View' });
    list.append(...this.#tabs.map(({ button }) => button));
    list.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? this.#tabs.length - 1 : 0;
      if (step > 0) this.#switch((this.#shown + step) % this.#tabs.length, true);
    });
    this.element = html('main', { class: 'run-pane' }, list, this.#empty, ...this.#tabs.map(({ panel }) => panel));
    this.#switch(0, false);
  }

  show(session: RunSession): void {
    this.clear();
    this.#session = session;
    this.#empty.hidden = true;
    this.#switch(this.#shown, false);
  }

  /** Shows what the selected task writes. */
  showLog(): void {
    this.#switch(
      this.#tabs.findIndex(({ name }) => name === LOG),
      true,
    );
  }

  clear(): void {
    for (const tab of this.#tabs) {
      tab.view?.detach();
      tab.frame?.dispose();
      tab.view = undefined;
      tab.frame = undefined;
    }
    this.#session = undefined;
    this.#empty.hidden = false;
  }

  #makeTab(index: number, name: string, makePicture: PictureFactory): Tab {
    const id = `tab-${name.toLowerCase()}`;
    const button = html('button', { type: 'button', role: 'tab', id, 'aria-controls': `${id}-panel` }, name);
    button.addEventListener('click', () => this.#switch(index, false));
    const panel = html('div', { class: 'tab-panel', role: 'tabpanel', id: `${id}-panel`, 'aria-labelledby': id });
    return { name, makePicture, button, panel, frame: undefined, view: undefined };
  }

  #switch(shown: number, hasFocus: boolean): void {
    this.#shown = shown;
    // The places come first, because the drawing measures them.
    for (const [index, { panel }] of this.#tabs.entries())
      panel.hidden = index !== shown || this.#session === undefined;
    for (const [index, tab] of this.#tabs.entries()) {
      const isShown = index === shown;
      setAttributes(tab.button, { 'aria-selected': String(isShown), tabindex: isShown ? 0 : -1 });
      if (isShown && tab.frame === undefined && this.#session !== undefined) this.#mount(tab, this.#session);
      else tab.view?.setVisible(isShown);
      if (isShown && hasFocus) tab.button.focus();
    }
  }

  #mount(tab: Tab, session: RunSession): void {
    const { channel, view } = channelTo(session, tab.name);
    tab.view = view;
    tab.frame = new PanelFrame(tab.panel, channel, { makePicture: tab.makePicture, around: 'header' });
  }
}
