/** The run in the middle, as graph or timeline. The hidden one of the two gets no messages. */
import type { AttachedView, RunSession } from '../model/run-session.ts';
import { PanelFrame } from '../panel/panel-frame.ts';
import type { PictureFactory } from '../panel/panel-frame.ts';
import { html, setAttributes } from '../view/element.ts';
import { channelTo } from './session-channel.ts';
import { layouterBeside } from '../view/flow-layouter.ts';
import { GraphView } from '../view/graph-view.ts';
import { TimelineView } from '../view/timeline-view.ts';

const layouter = layouterBeside(document.currentScript);

const PICTURES: Readonly<Record<string, PictureFactory>> = {
  Graph: (parent, events) => new GraphView(parent, events, layouter),
  Timeline: (parent, events) => new TimelineView(parent, events),
};

interface Tab {
  readonly name: string;
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

  constructor() {
    this.#tabs = Object.keys(PICTURES).map((name, index) => this.#makeTab(name, index));
    const list = html('div', { class: 'tabs', role: 'tablist', 'aria-label': 'View' });
    list.append(...this.#tabs.map(({ button }) => button));
    list.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowRight' || key === 'ArrowLeft') this.#switch((this.#shown + 1) % this.#tabs.length, true);
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

  #makeTab(name: string, index: number): Tab {
    const id = `tab-${name.toLowerCase()}`;
    const button = html('button', { type: 'button', role: 'tab', id, 'aria-controls': `${id}-panel` }, name);
    button.addEventListener('click', () => this.#switch(index, false));
    const panel = html('div', { class: 'tab-panel', role: 'tabpanel', id: `${id}-panel`, 'aria-labelledby': id });
    return { name, button, panel, frame: undefined, view: undefined };
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
    const makePicture = PICTURES[tab.name] as PictureFactory;
    tab.view = view;
    tab.frame = new PanelFrame(tab.panel, channel, { makePicture, around: 'header' });
  }
}
