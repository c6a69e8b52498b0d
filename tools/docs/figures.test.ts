/** The figures of the page about performance are those of the last results. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tableBelow } from './page-table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const results = readFileSync(path.join(root, 'bench/RESULTS.md'), 'utf8');
const page = readFileSync(path.join(root, 'docs/guide/performance.md'), 'utf8');

/** A cell of a group's table: of the row that begins so, in the column of this name; without the target beside it. */
function figure(group: string, row: readonly string[], column: string): string {
  const heading = `<!-- group: ${group} -->`;
  const head = results.slice(results.indexOf(heading)).match(/^\|.*\|$/m)?.[0] ?? '';
  const names = head.split('|').map((name) => name.trim());
  const found = tableBelow(results, heading).find((cells) => row.every((cell, at) => cells[at] === cell));
  const [text = 'not in the results'] = (found?.[names.indexOf(column) - 1] ?? '').split(' < ');
  return text;
}

const ratio = (group: string, ...row: readonly string[]): string => figure(group, row, 'ratio');
const rounded = (text: string, digits: number): string => Number(text).toFixed(digits);
const times = (percent: string): string => (100 / Number.parseInt(percent, 10)).toFixed(1);
const throughput = (mode: string, ...workloads: readonly string[]): string =>
  workloads.map((workload) => ratio('throughput', workload, `coppice-${mode}`)).join(', ');
const cost = (...row: readonly string[]): string => `${figure('flow', row, 'cost %')} %`;
const million = ['1,000,000', 'none'];

it.each([
  ['Tasks that do nothing', throughput('normal', 'W1')],
  ['The same, 100 at a time', throughput('normal', 'W2', 'W4')],
  ['The same, in 1,000 trees', throughput('normal', 'W3')],
  ['The same with `full`', throughput('full', 'W1', 'W2', 'W4', 'W3')],
  ["From a task's end", `${rounded(figure('latency', ['coppice-normal'], 'p50 µs'), 0)} µs`],
  ['1,000 commands', ratio('executors', 'command', 'coppice')],
  ['1,000 HTTP requests', ratio('executors', 'http', 'coppice')],
  ['JSON-RPC over HTTP', `${ratio('rpc', 'single', 'coppice')}; in batches ${ratio('rpc', 'batch', 'coppice')}`],
  ['JSON-RPC over WebSocket', ratio('rpc', 'web-socket', 'coppice')],
  ['A run with 1,000 live', ratio('subscriptions', 'normal', 'live')],
  [
    'A store of 1,000,000',
    `${rounded(figure('listing', million, 'roots p99 ms'), 1)} ms; ${figure('listing', million, 'cold ms')} ms`,
  ],
  [
    '1,000,000 tasks in one',
    `${times(ratio('growth', 'normal', 'one', '1,000,000'))} times, ${times(ratio('growth', 'normal', 'many', '1,000,000'))} times`,
  ],
  ['A condition on each edge', `${cost('memory', 'conditions')} more`],
  ['Ten subscribers', `${cost('memory', 'subscribers')} and ${cost('memory', 'variables')} more`],
  ['A task for each of 10,000', `${cost('memory', 'forEach')} and ${cost('normal', 'forEach')} more`],
  ['Three tasks of a second', `${rounded(figure('overhead', ['W5b', 'coppice-normal'], 'overhead ms'), 1)} ms`],
  [
    '`coppice --version`',
    `${figure('cli', ['version'], 'ms')}, ${figure('cli', ['list'], 'ms')} and ${figure('cli', ['run'], 'ms')} ms`,
  ],
])('%s', (what, result) => {
  const row = tableBelow(page, '## How fast it is').find(([cell = '']) => cell.startsWith(what));
  expect(row?.[2]).toBe(result);
});
