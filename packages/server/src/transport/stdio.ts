/**
 * JSON-RPC over a pair of streams with Content-Length framing, as editors do.
 * vscode-jsonrpc frames only: what a frame holds is text to the dispatcher, so no parser's or handler's error text gets out.
 */
import type { Readable, Writable } from 'node:stream';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Message } from 'vscode-jsonrpc/node';
import type { Engine, Logger } from '@coppice/engine';
import { refuse } from '../rpc/answer.ts';
import { LOCAL_OWNER } from '../rpc/caller.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { Subscriptions } from '../rpc/subscriptions.ts';

export interface StdioOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly dispatcher: Dispatcher;
  readonly engine: Engine;
  readonly logger: Logger;
  readonly subscriptionsMax: number;
}

export interface StdioConnection {
  /** Resolves when the other side has closed its end, or the framing is broken beyond repair. */
  readonly closed: Promise<void>;
}

/** What travels through the library in place of a parsed message. */
interface TextFrame extends Message {
  readonly text: string;
}

/** Serves the streams until the input ends. The other side started this process: it is the local owner. */
export function serveStdio(options: StdioOptions): StdioConnection {
  const { input, output, dispatcher, engine, logger, subscriptionsMax } = options;
  const reader = new StreamMessageReader(input, {
    contentTypeDecoder: { name: 'text', decode: (body) => Promise.resolve(textFrame(Buffer.from(body).toString())) },
  });
  // Nobody asks about frames that are not complete yet; the timer for it would keep the process when its input has ended.
  reader.partialMessageTimeout = 0;
  const writer = new StreamMessageWriter(output, {
    contentTypeEncoder: { name: 'text', encode: (frame) => Promise.resolve(Buffer.from((frame as TextFrame).text)) },
  });
  const write = (text: string): Promise<void> => writer.write(textFrame(text));
  const subscriptions = new Subscriptions({
    engine,
    max: subscriptionsMax,
    send: write,
  });
  const caller = { principal: LOCAL_OWNER, subscriptions };

  async function answerMessage(text: string): Promise<void> {
    const reply = await dispatcher.receive(text, caller);
    if (reply.text !== undefined) await write(reply.text);
    reply.sent();
  }

  const closed = new Promise<void>((resolve) => {
    const end = (): void => {
      subscriptions.closeAll();
      resolve();
    };
    // What was sent before is answered, or begun at least.
    const endInTurn = (): void => void Promise.resolve(dispatcher.begun(caller)).then(end);
    reader.onClose(endInTurn);
    input.once('end', endInTurn);
    reader.onError((error) => {
      logger.warn({ err: error }, 'standard input holds a frame that can not be read');
      const refusal = refuse('rpc/parse', 'The frame can not be read; each needs a Content-Length header.').rejection;
      void write(dispatcher.refusal(refusal)).then(end, end);
    });
    writer.onError(end);
  });
  reader.listen((message) => {
    void answerMessage((message as TextFrame).text).catch((error: unknown) =>
      logger.warn({ err: error }, 'an answer could not be written'),
    );
  });
  return { closed };
}

function textFrame(text: string): TextFrame {
  return { jsonrpc: '2.0', text };
}
