/**
 * A run as a JUnit report, the form that every CI reads: a test case for each task with an executor.
 *
 * Failures are those that nobody handled; a failure that somebody handled or allowed is "skipped" with its message, so that a green
 * run has a green report. What was cancelled or skipped is "skipped" with its reason.
 */
import { isGroup, lastOutputLines, runDurationMs, unhandledFailures } from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import { plain, plainLine } from '../output/harmless.ts';

export function junitReport(view: RunView): string {
  const failed = new Set(unhandledFailures(view));
  const tasks = [...view.tasks.values()].filter(
    (task) => (!isGroup(task.definition) || failed.has(task)) && !task.isLeftOut,
  );
  const failures = tasks.filter((task) => failed.has(task)).length;
  const skipped = tasks.filter((task) => !failed.has(task) && task.status !== 'completed').length;
  const seconds = secondsOf(0, view.endedAtMs === undefined ? undefined : runDurationMs(view, view.endedAtMs));
  const counts = { tests: tasks.length, failures, errors: 0, skipped, time: seconds };
  const name = plain(view.root?.definition.name ?? '');
  const timestamp = view.startedAtMs === undefined ? {} : { timestamp: new Date(view.startedAtMs).toISOString() };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...counts })}>`,
    `  <testsuite${attributes({ name, ...counts, ...timestamp, id: view.root?.id ?? '' })}>`,
    ...tasks.flatMap((task) => testCase(task, name, failed.has(task))),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(task: TaskView, suite: string, isFailure: boolean): readonly string[] {
  const groups: string[] = [];
  for (let at = task.parent; at?.parent !== undefined; at = at.parent) groups.unshift(at.definition.name);
  const place = {
    name: plain(task.definition.name),
    classname: plain([suite, ...groups].join('.')),
    time: secondsOf(task.startedAtMs, task.endedAtMs),
  };
  const inner = [...outcome(task, isFailure), ...printed(task)];
  if (inner.length === 0) return [`    <testcase${attributes(place)}/>`];
  return [`    <testcase${attributes(place)}>`, ...inner, '    </testcase>'];
}

function outcome(task: TaskView, isFailure: boolean): readonly string[] {
  const { status, error, reason } = task;
  if (status === 'completed') return [];
  if (status === 'failed') {
    const message = plain(error?.message ?? 'failed');
    if (!isFailure)
      return [`      <skipped${attributes({ message: `failed, and that was allowed or handled: ${message}` })}/>`];
    const causes: string[] = [];
    for (let at = error?.cause; at !== undefined; at = at.cause) causes.push(plain(at.message));
    return [
      `      <failure${attributes({ message, type: error?.code ?? 'failed' })}>${escaped([message, ...causes].join('\n'))}</failure>`,
    ];
  }
  return [
    `      <skipped${attributes({ message: reason === undefined ? status : plain(`${status}: ${reason.message}`) })}/>`,
  ];
}

function printed({ output, error }: TaskView): readonly string[] {
  const { lines } = lastOutputLines({ output, error });
  return (['stdout', 'stderr'] as const).flatMap((stream) => {
    const own = lines.filter((line) => line.stream === stream).map(({ line }) => plainLine(line));
    const element = stream === 'stdout' ? 'system-out' : 'system-err';
    return own.length === 0 ? [] : [`      <${element}>${escaped(own.join('\n'))}</${element}>`];
  });
}

function secondsOf(fromMs: number | undefined, toMs: number | undefined): string {
  return fromMs === undefined || toMs === undefined ? '0.000' : (Math.max(0, toMs - fromMs) / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

/** Characters that XML 1.0 has no way to write, lone surrogates among them. */
const IMPOSSIBLE = /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(IMPOSSIBLE, '').replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
