import { EventEmitter } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import type { ExecutorContext } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { ProgramOutput } from './program-output.ts';

function print(): { stdout: EventEmitter; stderr: EventEmitter; printed: ProgramOutput; streamed: string[] } {
  const stream = (): EventEmitter => Object.assign(new EventEmitter(), { pause() {}, resume() {} });
  const child = { stdout: stream(), stderr: stream() };
  const streamed: string[] = [];
  const ctx = {
    stream: (chunk: Buffer, name: string) => void streamed.push(`${name}: ${chunk.toString()}`),
    progress() {},
    heartbeat() {},
  };
  const printed = new ProgramOutput(
    child as unknown as ChildProcess,
    { command: 'x' },
    ctx as unknown as ExecutorContext,
  );
  return { ...child, printed, streamed };
}

describe('what a program prints', () => {
  it('has its last lines of both streams in the order in which they came, the open ones last', () => {
    const { printed, streamed, ...child } = print();
    child.stdout.emit('data', Buffer.from('one\nth'));
    child.stderr.emit('data', Buffer.from('two\r\n'));
    child.stdout.emit('data', Buffer.from('ree\n'));
    child.stderr.emit('data', Buffer.from('no line break'));
    expect(printed.evidence()).toEqual({
      stdout: 'one\nthree\n',
      stderr: 'two\r\nno line break',
      truncated: false,
      tail: [
        { stream: 'stdout', line: 'one' },
        { stream: 'stderr', line: 'two' },
        { stream: 'stdout', line: 'three' },
        { stream: 'stderr', line: 'no line break' },
      ],
    });
    expect(streamed).toEqual(['stdout: one\nth', 'stderr: two\r\n', 'stdout: ree\n', 'stderr: no line break']);
  });

  it('is kept whole when lines come too fast to be told one by one', () => {
    const { printed, stdout, streamed } = print();
    stdout.emit('data', Buffer.from('begun'));
    const flood = Array.from({ length: 10_000 }, (_, at) => `${at}\n`).join('');
    stdout.emit('data', Buffer.from(`${flood}open`));
    expect(printed.evidence()).toMatchObject({ stdout: `begun${flood}open`, truncated: false });
    expect(printed.evidence()['tail']).toHaveLength(100);
    expect((printed.evidence()['tail'] as { line: string }[]).slice(-2).map(({ line }) => line)).toEqual([
      '9999',
      'open',
    ]);
    expect(streamed.join('')).toBe(`stdout: begunstdout: ${flood}open`);
  });

  it('is evidence of at most 256 KiB per stream, which says that it is cut', () => {
    const { printed, stdout } = print();
    stdout.emit('data', Buffer.from(`${'ü'.repeat(300_000)}end`));
    const { stdout: kept, truncated } = printed.evidence();
    expect(Buffer.byteLength(kept as string)).toBe(262_143);
    expect(kept).toMatch(/^ü+end$/);
    expect(truncated).toBe(true);
    expect(printed.isTruncated).toBe(false);
  });
});
