/** A server on standard input: messages that were valid once in good frames, and frames that are none. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mutatedMessages } from '@coppice/testkit/hostile';
import { type Attack, happens, sample, VALID_MESSAGES, type Wave } from '../wave.ts';

const MAIN = resolve(import.meta.dirname, '../../../packages/cli/src/main.ts');

/** Each ends the server's input for good or is skipped; none may hang it. */
const BROKEN = [
  'Content-Length: nothing\r\n\r\n{}',
  'Content-Length: -5\r\n\r\n{}',
  'Content-Length: 99999999999999999999\r\n\r\n{}',
  '\r\n\r\n\r\n',
  'no header at all\r\n\r\n',
  'Content-Length: 10\r\n\r\n{}',
  'Content-Length: 2\r\nContent-Type: text/x; charset=nothing\r\n\r\n{}',
];

export const malformedFrames: Wave = {
  name: 'malformed frames',
  share: 0.1,
  async run(attack) {
    const texts = sample(mutatedMessages(VALID_MESSAGES), { ...attack, seed: attack.seed + 2 });
    await speak(attack, texts);
    for (const broken of BROKEN) await speakBroken(attack, broken);
  },
};

interface Conversation {
  readonly write: (text: string) => Promise<void>;
  /** Ends the input; answers what was printed. */
  readonly end: () => Promise<string>;
  readonly remove: () => Promise<void>;
}

async function startStdio(): Promise<Conversation> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-attack-stdio-'));
  const child = spawn(process.execPath, ['--conditions=coppice-source', MAIN, 'serve', '--stdio'], { cwd: folder });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.resume();
  // A server that has closed its end answers no more; that is one of its rights.
  child.stdin.on('error', () => {});
  const closed = happens(child, 'close');
  return {
    write: async (text) => {
      if (!child.stdin.write(text)) await Promise.race([happens(child.stdin, 'drain'), closed]);
    },
    end: async () => {
      child.stdin.end();
      await closed;
      return output;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function frame(text: string): string {
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

async function speak({ tally }: Attack, texts: readonly string[]): Promise<void> {
  const { write, end, remove } = await startStdio();
  for (const text of texts) {
    tally.requests += 1;
    await write(frame(text));
  }
  await write(frame(JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'system.health' })));
  const output = await end();
  const answers = output.split(/Content-Length: \d+\r\n\r\n/).slice(1);
  for (const answer of answers) if (!answer.includes('"method":"tasks.')) tally.answer(answer, 'a frame');
  if (!output.includes('"id":"last"')) tally.complain('The request after all others was not answered');
  await remove();
}

async function speakBroken({ tally }: Attack, broken: string): Promise<void> {
  const { write, end, remove } = await startStdio();
  tally.requests += 1;
  await write(broken);
  await end();
  tally.count('closed');
  await remove();
}
