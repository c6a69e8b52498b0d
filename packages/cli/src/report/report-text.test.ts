/** Reports hold text of tasks; whatever it is, they stay what they are. */
import type { RunEvent } from '@coppice/protocol';
import { foldEvents } from '@coppice/client';
import type { RunView } from '@coppice/client';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { githubAnnotations } from './github.ts';
import { junitReport } from './junit.ts';

function failedRun(name: string, message: string, line: string): RunView {
  const tasks = [
    { id: 'r', key: 'r', name },
    { id: 'a', key: 'a', name, parentId: 'r', executor: 'command' },
  ];
  const error = { code: message, message, data: { tail: [{ stream: 'stderr', line }] } };
  const events = [
    { type: 'TreeCreated', data: { definition: { tasks } } },
    { type: 'RunStarted', data: {} },
    { type: 'TaskStarted', taskId: 'a', data: {} },
    { type: 'TaskFailed', taskId: 'a', data: { error, handled: false } },
  ].map((event, index) => ({ ...event, seq: index + 1, at: '2026-11-30T00:00:00.000Z' }));
  return foldEvents(events as unknown as readonly RunEvent[]);
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '<',
      '>',
      '&',
      '"',
      "'",
      ']]>',
      '\n',
      '\r',
      '\u0000',
      '\u001B[31m',
      ':',
      ',',
      '%',
      '::',
      '\uD800',
      '\uFFFF',
      'a',
    ),
  }),
);

it('a JUnit report is well-formed XML with one failure', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (name, message, line) => {
      const xml = junitReport(failedRun(name, message, line));
      // What is left between and in the tags must be escaped: then no text can be a tag, an attribute or an entity.
      const tags = xml.match(/<[?/]?[a-z-]+(?: [a-z]+="[^"<>&]*(?:&(?:amp|lt|gt|quot|#10);[^"<>&]*)*")*[/?]?>/g) ?? [];
      const rest = tags.reduce((text, tag) => text.replace(tag, ''), xml);
      expect(rest.replaceAll(/&(?:amp|lt|gt|quot);/g, '')).not.toMatch(/[<>&]/);
      expect(tags.filter((tag) => tag.startsWith('<failure'))).toHaveLength(1);
      expect(xml).not.toMatch(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
    }),
  );
});

it('an annotation is one line with one command', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (name, message, line) => {
      const place = { file: name, line: 1, column: 2 };
      const lines = githubAnnotations(failedRun(name, message, line), () => place);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^::error title=[^,:\r\n]*,file=[^,:\r\n]*,line=1,col=2::[^\r\n]*$/);
    }),
  );
});
