import { EventEmitter } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import type { ExecutorContext } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { Printed } from './printed.ts';

describe('what a program prints', () => {
  it('has its last lines of both streams in the order in which they came, the open ones last', () => {
    const child = { stdout: new EventEmitter(), stderr: new EventEmitter() };
    const ctx = { logger: { debug() {} }, progress() {}, heartbeat() {} };
    const printed = new Printed(child as unknown as ChildProcess, { command: 'x' }, ctx as unknown as ExecutorContext);
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
  });
});
