/** What is refused by its size is refused before it costs anything; what is accepted keeps nobody else waiting. */
import { describe, expect, it } from 'vitest';
import { bench, TEST_LIMITS } from './dispatcher.fixture.ts';
import { fakeEngine } from './fake-engine.fixture.ts';

describe('limits come before work', () => {
  const create = (params: string): string => `{"jsonrpc":"2.0","id":1,"method":"tasks.create","params":${params}}`;

  it('an object with too many members is refused before it is built', async () => {
    const { send } = bench(fakeEngine());
    const members = (count: number): string =>
      Array.from({ length: count }, (_, at) => `"k${at}":[1,2,"a,b"]`).join(',');
    expect(await send(create(`{${members(1001)}}`))).toMatchObject({
      id: null,
      error: { code: -32013, data: { limit: 1000 }, message: 'An object in the message has more than 1000 members.' },
    });
    const errors = errorsOf(await send(create(`{"tasks":[],${members(900)}}`)));
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)).toMatchObject({ path: [], reason: 'and 800 more unknown fields' });
  });

  it('a list with too many items is refused before it is built', async () => {
    const { send } = bench(fakeEngine(), { ...TEST_LIMITS, listItems: 1000 });
    const items = (count: number): string => Array.from({ length: count }, () => '{"a":[1,2]}').join(',');
    expect(await send(create(`{"tasks":[${items(1001)}]}`))).toMatchObject({
      id: null,
      error: {
        code: -32013,
        data: { limit: 1000 },
        message: 'A list in the message has more than 1000 items; the configuration sets limits.listItems.',
      },
    });
    expect(await send(create(`{"tasks":[${items(1000)}]}`))).toMatchObject({ id: 1, error: { code: -32602 } });
  });

  it('a flood of one user keeps another waiting for one piece of it at most', async () => {
    const order: string[] = [];
    const { dispatcher } = bench(fakeEngine());
    const heavy = create(`{"tasks":[${Array.from({ length: 20_000 }, (_, at) => `{"name":"t${at}"}`).join(',')}]}`);
    const ask = async (userId: string, text: string): Promise<void> => {
      await dispatcher.receive(text, { principal: { userId, role: 'user' } });
      order.push(userId);
    };
    const floods = Array.from({ length: 5 }, () => ask('flood', heavy));
    await Promise.all([...floods, ask('quiet', '{"jsonrpc":"2.0","id":1,"method":"system.health"}')]);
    expect(order.indexOf('quiet')).toBeLessThan(2);
  });

  it.each([
    ['tasks that are none', '{"tasks":[§]}'],
    ['tags that are none', '{"tasks":[{"name":"a","tags":[§]}]}'],
    ['dependencies that are none', '{"tasks":[{"name":"a","dependencies":[§]}]}'],
  ])('a million %s cost what the first thousand cost', async (_, params) => {
    const { send } = bench(fakeEngine());
    const errors = errorsOf(
      await send(create(params.replace('§', Array.from({ length: 1_000_000 }).fill(1).join(',')))),
    );
    expect(errors).toHaveLength(1001);
    expect(errors.at(-1)?.reason).toMatch(/more violations|not looked at/);
  });

  it('answers to a batch that grow too long become refusals', async () => {
    const request = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}';
    const answers = (await bench(fakeEngine()).send(
      `[${Array.from({ length: 5 }).fill(request).join(',')}]`,
    )) as object[];
    expect(answers.map((each) => ('result' in each ? 'result' : each))).toMatchObject([
      'result',
      { id: 1, error: { code: -32013, data: { limit: 100_000 } } },
      { error: { code: -32013 } },
      { error: { code: -32013 } },
      { error: { code: -32013 } },
    ]);
  });

  it('ids longer than one that could ever be asked for are refused', async () => {
    const long = 'x'.repeat(1025);
    expect(
      errorsOf(await bench(fakeEngine()).send(create(`{"tasks":[{"id":"${long}","tags":["${long}"]}]}`))),
    ).toMatchObject([
      { path: ['tasks', 0, 'id'], expected: 'at most 1024 characters' },
      { path: ['tasks', 0, 'tags', 0] },
    ]);
  });
});

interface ErrorEntry {
  readonly path: readonly (string | number)[];
  readonly reason: string;
  readonly expected?: string;
}

function errorsOf(answer: unknown): readonly ErrorEntry[] {
  return (answer as { readonly error: { readonly data: { readonly errors: readonly ErrorEntry[] } } }).error.data
    .errors;
}
