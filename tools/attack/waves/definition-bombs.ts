/** Submissions that are small to send and large to work on: many, deep, long, circular, and expressions that would not end. */
import { forEach, poster, requestText, type Attack, type Wave } from '../wave.ts';

const MANY = 900_000;
/** Runs of bombs end by themselves; this is for those that would not. */
const RUN_MS = 10_000;

export const definitionBombs: Wave = {
  name: 'definition bombs',
  share: 0.01,
  async run(attack) {
    const post = poster(attack);
    // Large texts are made one at a time, so that this process stays small.
    await forEach(Object.values(TEXTS), (make) => post(make()), 4);
    await forEach([...expressionBombs()], (expression) => post(execute(expression)), 4);
    await forEach(CONDITIONS, (condition) => post(executeCondition(condition)), 4);
    await floodOfHeavyOnes(attack);
  },
};

function create(params: object, method = 'tasks.validate'): string {
  return requestText(method, params);
}

function listText(count: number, item: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => item(at)).join(',');
}

function tasksText(tasks: string, more = ''): string {
  return `{"jsonrpc":"2.0","id":1,"method":"tasks.validate","params":{"tasks":[${tasks}]${more}}}`;
}

const TEXTS: Readonly<Record<string, () => string>> = {
  'a million empty tasks': () => tasksText(listText(MANY, () => '{}')),
  'many tasks with ids': () => tasksText(listText(MANY, (at) => `{"id":"${at}"}`)),
  'many tasks that are no tasks': () => tasksText(listText(MANY, (at) => String(at % 10))),
  'unknown members': () => tasksText(`{"id":"a",${listText(MANY, (at) => `"${at.toString(36)}":0`)}}`),
  'unknown params': () =>
    `{"jsonrpc":"2.0","id":1,"method":"tasks.get","params":{${listText(MANY, (at) => `"p${at}":0`)}}}`,
  'unknown params of another method': () =>
    `{"jsonrpc":"2.0","id":1,"method":"tasks.create","params":{"tasks":[],${listText(MANY, (at) => `"p${at}":0`)}}}`,
  'inputs with many keys': () => tasksText(`{"id":"a"}`, `,"inputs":{${listText(MANY, (at) => `"k${at}":0`)}}`),
  'metadata with many keys': () => tasksText(`{"id":"a","metadata":{${listText(MANY, (at) => `"k${at}":0`)}}}`),
  'many tags': () => tasksText(`{"id":"a","tags":[${listText(MANY, (at) => `"${at}"`)}]}`),
  'many tags of the wrong type': () => tasksText(`{"id":"a","tags":[${listText(MANY, () => '0')}]}`),
  'many dependencies that nobody is': () =>
    tasksText(`{"id":"a","executor":"echo","dependencies":[${listText(200_000, (at) => `"unknown-${at}"`)}]}`),
  'tasks with dependencies that nobody is': () =>
    create({ tasks: chain(10_000, (at) => ({ executor: 'echo', dependencies: [`${'t'.repeat(200)}${at}`] })) }),
  'tasks with executors that nobody has': () => create({ tasks: chain(10_000, (at) => ({ executor: `ech${at}` })) }),
  'long ids that are alike': () =>
    create({
      tasks: chain(20, (at) => ({ id: `${'i'.repeat(200_000)}${at}`, dependencies: [`${'i'.repeat(200_000)}x`] })),
    }),
  'a long executor name': () => create({ tasks: [{ id: 'a', executor: 'e'.repeat(5_000_000) }] }),
  'a long method name': () => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'm'.repeat(5_000_000) }),
  'a cycle of ten thousand': () =>
    create({ tasks: chain(10_000, (at) => ({ executor: 'echo', dependencies: [`t${(at + 1) % 10_000}`] })) }),
  'parents in a circle': () => create({ tasks: chain(10_000, (at) => ({ parentId: `t${(at + 1) % 10_000}` })) }),
  'parents ten thousand deep': () =>
    create({ tasks: chain(10_000, (at) => (at === 0 ? {} : { parentId: `t${at - 1}` })) }),
  'everybody depends on everybody': () =>
    create({
      tasks: chain(500, (at) => ({
        executor: 'echo',
        dependencies: Array.from({ length: 500 }, (_, other) => `t${other}`).filter((id) => id !== `t${at}`),
      })),
    }),
  'nested arrays': () => `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`,
  'open arrays': () => '['.repeat(1_000_000),
  'nested objects': () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'a large number': () => `{"jsonrpc":"2.0","id":${'9'.repeat(1_000_000)},"method":"system.health"}`,
  'a long text of escapes': () =>
    `{"jsonrpc":"2.0","id":1,"method":"tasks.get","params":{"taskId":"${'\\u0041'.repeat(1_000_000)}"}}`,
  'times out of range': () =>
    create({
      tasks: [
        {
          id: 'a',
          executor: 'echo',
          notBefore: '+275760-09-13T00:00:00.001Z',
          policies: {
            timeoutMs: 2 ** 53 - 1,
            heartbeatTimeoutMs: 1e308,
            retry: { maxAttempts: 2 ** 53, delayMs: 1e300 },
          },
        },
      ],
      policies: { runTimeoutMs: 2 ** 53 - 1, concurrency: 2 ** 53 },
    }),
};

function chain(count: number, task: (at: number) => object): object[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `t${at}`,
    ...(at === 0 ? {} : { parentId: 't0' }),
    ...task(at),
  }));
}

/** Each would take minutes, gigabytes, or for ever. */
function* expressionBombs(): Generator<string> {
  const text = `"${'a'.repeat(5_000)}!"`;
  for (const pattern of ['(a+)+$', '(a|a)*$', '(.*)*x', '([a-z]+)*[0-9]', '(a{1,1000}){1,1000}$', '(?=(a+))a*b\\\\1']) {
    yield `${text}.matches("${pattern}")`;
  }
  const list = `[${'0,'.repeat(99)}0]`;
  for (const macro of ['all', 'exists', 'map', 'filter']) {
    const nested = (depth: number): string =>
      depth === 0
        ? 'true'
        : `${list}.${macro}(x${depth}, ${macro === 'map' ? nested(depth - 1) : `size([${nested(depth - 1)}]) > 0`})`;
    yield `string(size([${nested(4)}]))`;
  }
  yield double('"aaaaaaaaaa"', 40);
  yield double('[1, 2, 3, 4]', 40);
  yield Array(100_000).fill('1').join('+');
  yield `${'('.repeat(50_000)}1${')'.repeat(50_000)}`;
  yield `${'!'.repeat(50_000)}true`;
  yield `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  yield `"${'a'.repeat(1_000)}".${Array(200).fill('replace("a", "aaaaaaaaaa")').join('.')}`;
  yield `${Array(30).fill('"x"').join('+')}.split("").map(a, "x").join("x").matches("x*x*x*x*x*x*y")`;
}

/** Doubles a value `times` times with one variable each. */
function double(value: string, times: number): string {
  let expression = 'v0';
  for (let at = 1; at <= times; at += 1) expression = `[${expression}].map(v${at}, v${at} + v${at})[0]`;
  return `[${value}].map(v0, ${expression})[0]`;
}

function execute(expression: string): string {
  const tasks = [{ name: 'bomb', executor: 'echo', inputs: { text: `\${{ ${expression} }}` } }];
  return create({ tasks, policies: { runTimeoutMs: RUN_MS }, wait: true }, 'tasks.execute');
}

const CONDITIONS = [...expressionBombs()].map((expression) => `string(${expression}) != ""`);

function executeCondition(condition: string): string {
  const tasks = [
    { name: 'root' },
    { name: 'first', parentId: 'root', executor: 'echo' },
    { name: 'second', parentId: 'root', executor: 'echo', dependencies: [{ task: 'first', condition }] },
  ];
  return create({ tasks, policies: { runTimeoutMs: RUN_MS }, wait: true }, 'tasks.execute');
}

/** Several large ones at once, and batches of them. */
async function floodOfHeavyOnes(attack: Attack): Promise<void> {
  const post = poster(attack);
  const tree = create({ tasks: chain(5_000, (at) => ({ executor: 'echo', dependencies: [`u${at}`] })) });
  await forEach(Array(16).fill(tree) as string[], post);
  await post(`[${Array(20).fill(tree).join(',')}]`);
}
