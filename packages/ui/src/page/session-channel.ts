/** The channel between a session and a view on the same page. */
import type { AttachedView, RunSession } from '../model/run-session.ts';
import type { SessionMessage, ViewChannel } from '../view-channel.ts';
import { readKept, writeKept } from './kept.ts';

export interface SessionChannel {
  readonly channel: ViewChannel;
  readonly view: AttachedView;
}

/** `name`: under which the browser keeps the view's state. */
export function channelTo(session: RunSession, name: string): SessionChannel {
  const listeners = new Set<(message: SessionMessage) => void>();
  const view = session.attach({ post: (message) => listeners.forEach((listener) => listener(message)) });
  const channel: ViewChannel = {
    send: (message) => view.receive(message),
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readState: () => readKept(name),
    writeState: (state) => writeKept(name, state),
  };
  return { channel, view };
}
