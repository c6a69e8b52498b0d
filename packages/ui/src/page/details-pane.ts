/** The selected task, at the right. */
import type { AttachedView, RunSession } from '../model/run-session.ts';
import { PanelFrame } from '../panel/panel-frame.ts';
import { DetailsView } from '../view/details-view.ts';
import { html } from '../view/element.ts';
import { channelTo } from './session-channel.ts';

export class DetailsPane {
  readonly element = html('aside', { class: 'details', 'aria-label': 'Selected task' });
  #shown: { readonly frame: PanelFrame; readonly view: AttachedView } | undefined;

  show(session: RunSession): void {
    this.clear();
    const { channel, view } = channelTo(session, 'Details');
    const frame = new PanelFrame(this.element, channel, {
      makePicture: (parent, events) => new DetailsView(parent, events),
      around: 'none',
    });
    this.#shown = { frame, view };
  }

  clear(): void {
    this.#shown?.view.detach();
    this.#shown?.frame.dispose();
    this.#shown = undefined;
  }
}
