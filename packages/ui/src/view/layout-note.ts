/** What the toolbar says of a layout: that it takes long, or why there is none. */
import type { GraphLook } from '../view-channel.ts';
import { html, setText } from './element.ts';

/** A layout that takes longer is told. */
const PATIENCE_MS = 400;

export class LayoutNote {
  readonly element = html('span', { class: 'graph-note', role: 'status' });
  #patience: ReturnType<typeof setTimeout> | undefined;

  begun(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => setText(this.element, 'Laying out …'), PATIENCE_MS);
  }

  /** A tree says still why there is no flow. */
  placed(look: GraphLook): void {
    clearTimeout(this.#patience);
    if (look === 'flow') setText(this.element, '');
  }

  failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    setText(this.element, `The flow can not be laid out: ${why}`);
  }

  dispose(): void {
    clearTimeout(this.#patience);
  }
}
