import type { TaskError } from '@coppice/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastOutputLines } from './output-lines.ts';
import type { OutputLine } from './output-lines.ts';

const out = (line: string): OutputLine => ({ stream: 'stdout', line });
const err = (line: string): OutputLine => ({ stream: 'stderr', line });
const failure = (data: TaskError['data'], cause?: TaskError): TaskError => ({
  code: 'command/exit',
  message: 'exit code 2',
  retryable: true,
  ...(data === undefined ? {} : { data }),
  ...(cause === undefined ? {} : { cause }),
});

describe('lastOutputLines', () => {
  it('answers the last lines of both streams in the order in which they were printed', () => {
    const error = failure({ tail: [out('compiling'), err('warning'), out('linking')].map((line) => ({ ...line })) });
    expect(lastOutputLines({ error }, 2)).toEqual({
      lines: [err('warning'), out('linking')],
      earlier: 1,
      isCut: false,
    });
  });

  it('finds the output of the last attempt behind an exhausted retry', () => {
    const error = failure(undefined, failure({ stdout: '', stderr: 'no disk\n' }));
    expect(lastOutputLines({ error }).lines).toEqual([err('no disk')]);
  });

  it('answers more than the order is known for, one stream after the other', () => {
    const error = failure({
      stdout: 'a\nb\n',
      stderr: 'x\n',
      truncated: true,
      tail: [{ ...err('x') }, { ...out('b') }],
    });
    expect(lastOutputLines({ error }, 2)).toEqual({ lines: [err('x'), out('b')], earlier: 1, isCut: true });
    expect(lastOutputLines({ error }).lines).toEqual([out('a'), out('b'), err('x')]);
  });

  it('reads the output of what completed, but not that of a former attempt beside an error', () => {
    const output = { exitCode: 0, stdout: 'one\r\n\r\ntwo', stderr: '' };
    expect(lastOutputLines({ output }).lines).toEqual([out('one'), out(''), out('two')]);
    expect(lastOutputLines({ output, error: failure(undefined) }).lines).toEqual([]);
  });

  it('reads any value without complaint, and never answers more than was asked for', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 5 }), (value, max) => {
        const json = value as TaskError['data'] & {};
        for (const end of [{ output: json }, { error: failure({ tail: json }) }, { error: failure(json) }])
          expect(lastOutputLines(end, max).lines.length).toBeLessThanOrEqual(max);
      }),
    );
  });
});
