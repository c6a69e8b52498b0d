/** The channel of a view inside an editor's webview. */
import type { SessionMessage, ViewChannel } from '../view-channel.ts';
import { html } from '../view/element.ts';
import { PanelFrame } from './panel-frame.ts';
import type { FrameContent, PictureFactory } from './panel-frame.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** Fills the webview's document with one picture. */
export function showPanel(makePicture: PictureFactory, around: FrameContent['around'] = 'header'): PanelFrame {
  const main = html('main', { class: 'panel' });
  document.body.append(main);
  return new PanelFrame(main, editorChannel(), { makePicture, around });
}

/** The editor hands its interface out only once per document. */
function editorChannel(): ViewChannel {
  const api = acquireVsCodeApi();
  const keep = (state: object): void => api.setState({ ...(api.getState() as object | undefined), ...state });
  return {
    send: (message) => api.postMessage(message),
    onMessage: (listener) => {
      const receive = ({ data }: MessageEvent): void => {
        const message = data as SessionMessage;
        // After a reload of its window the editor asks which tree was shown.
        if (message.type === 'tree') keep({ treeId: message.treeId });
        listener(message);
      };
      window.addEventListener('message', receive);
      return () => window.removeEventListener('message', receive);
    },
    // A new panel begins as the editor's settings say.
    readState: () => (api.getState() as { readonly picture?: unknown } | undefined)?.picture ?? document.body.dataset,
    writeState: (picture) => keep({ picture }),
  };
}
