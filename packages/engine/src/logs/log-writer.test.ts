import { describe, expect, test } from 'vitest';
import type { LogChunk, TaskId, TreeId } from '@coppice/core';
import { silentLogger } from '../logger.ts';
import type { AttemptLog } from './attempt-log.ts';
import { LINE_CHARS_MAX } from './line-splitter.ts';
import { LOG_LIMITS, LogWriter, type LogLimits } from './log-writer.ts';

const TREE = 'tree' as TreeId;

interface Setup {
  readonly limits?: Partial<LogLimits>;
  readonly redact?: (text: string) => string;
  /** Resolves when the store may answer. */
  readonly appended?: () => Promise<void>;
}

function setUp({ limits, redact, appended = () => Promise.resolve() }: Setup = {}) {
  const chunks: LogChunk[] = [];
  const trims: [string, number][] = [];
  const timers: (() => void)[] = [];
  const warnings: string[] = [];
  let now = 0;
  const writer = new LogWriter({
    store: {
      appendLogs: async (given) => {
        chunks.push(...given);
        await appended();
      },
      trimLogs: async ({ taskId }, kept) => {
        trims.push([taskId ?? 'tree', kept]);
        return 0;
      },
    },
    clock: {
      nowMs: () => now++,
      setTimer: (_ms, callback) => {
        timers.push(callback);
        return () => {};
      },
      defer: (callback) => queueMicrotask(callback),
    },
    logger: { ...silentLogger, warn: (_fields, message) => void warnings.push(message) },
    limits: { ...LOG_LIMITS, ...limits },
    redact,
    onWritten: () => {},
  });
  const open = (task = 'task'): AttemptLog => writer.open({ treeId: TREE, taskId: task as TaskId, attempt: 1 });
  return { writer, open, chunks, trims, timers, warnings, lines: () => chunks.flatMap(textsOf) };
}

const textsOf = ({ lines }: LogChunk): string[] => lines.map(({ text }) => text);

/** Lets everything that is resolved go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what attempts print (R-OB-08)', () => {
  test('becomes lines, whatever pieces it comes in, and each stream has its own', () => {
    const { writer, open, lines } = setUp();
    const log = open();
    const bytes = new TextEncoder().encode('grün\r\nlast');
    log.push('stdout', 'a\nb');
    for (const byte of bytes) log.push('stderr', Uint8Array.of(byte));
    log.push('stdout', '\n\nc');
    log.end();
    writer.flush();
    expect(lines()).toEqual(['a', 'grün', 'b', '', 'c', 'last']);
  });

  test('is written together after a moment, numbered from 1 in each attempt', async () => {
    const { open, chunks, timers } = setUp();
    const [one, two] = [open('one'), open('two')];
    one.add('1');
    two.add('x');
    one.add('2');
    expect([chunks.length, timers.length]).toEqual([0, 1]);
    timers[0]?.();
    await settle();
    one.add('3');
    timers[1]?.();
    expect(chunks.map((chunk) => [chunk.taskId, chunk.firstNumber, textsOf(chunk)])).toEqual([
      ['one', 1, ['1', '2']],
      ['two', 1, ['x']],
      ['one', 3, ['3']],
    ]);
  });

  test('is written without a delay when much waits', () => {
    const { open, chunks } = setUp();
    open().push('stdout', `${'x'.repeat(1_000)}\n`.repeat(300));
    expect(chunks.length).toBeGreaterThan(0);
  });

  test('is cut where a line is too long, and says so; half a character is replaced; secrets are hidden', () => {
    const { writer, open, lines } = setUp({ redact: (text) => text.replaceAll('s3cret', '***') });
    const log = open();
    log.push('stdout', 'x'.repeat(LINE_CHARS_MAX));
    log.push('stdout', `${'y'.repeat(10)}\n`);
    log.add('s3c\ud800 s3cret');
    writer.flush();
    expect(lines()).toEqual([`${'x'.repeat(LINE_CHARS_MAX)}… (10 more characters)`, 's3c\ufffd ***']);
  });

  test('is lost and leaves a gap while a write lasts too long; memory stays bounded', async () => {
    let answer = (): void => {};
    const { writer, open, chunks, lines } = setUp({ appended: () => new Promise((resolve) => (answer = resolve)) });
    const log = open();
    log.add('first');
    writer.flush();
    for (let at = 0; at < 10_000; at++) log.add('x'.repeat(1_000));
    answer();
    await settle();
    log.add('last');
    answer();
    await settle();
    expect(lines().length).toBeLessThan(5_000);
    expect(chunks.at(-1)).toMatchObject({ firstNumber: 10_002, lines: [{ text: 'last' }] });
  });

  test('harms nobody when it can not be stored: one warning, and what comes later is stored', async () => {
    let fails = true;
    const { writer, open, warnings, lines } = setUp({
      appended: () => (fails ? Promise.reject(new Error('full')) : Promise.resolve()),
    });
    const log = open();
    for (let at = 0; at < 3; at++) {
      log.add(`${at}`);
      writer.flush();
      await settle();
    }
    expect(warnings).toHaveLength(1);
    fails = false;
    log.add('stored');
    writer.flush();
    expect(lines().at(-1)).toBe('stored');
  });

  test('is trimmed to the limits of an attempt and of a tree', async () => {
    const { writer, open, trims } = setUp({ limits: { maxAttemptChars: 100, maxTreeChars: 1_000 } });
    const log = open();
    for (let at = 0; at < 3; at++) {
      log.add('x'.repeat(60));
      writer.flush();
      await settle();
    }
    expect(trims).toEqual([
      ['tree', 1_000],
      ['task', 90],
    ]);
  });
});
