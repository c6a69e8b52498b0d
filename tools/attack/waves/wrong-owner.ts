/** Every method about trees of others; no token, a wrong one, a page of another origin, another host name. */
import { METHOD_NAMES, methods } from '@coppice/protocol';
import { forEach, poster, requestText, type Attack, type Wave } from '../wave.ts';

/** Members of params that name a task or a tree. */
const ID_KEYS = ['taskId', 'treeId', 'rootId'];
const ID_LIST_KEYS = ['taskIds'];

export const wrongOwner: Wave = {
  name: 'wrong owner',
  share: 0.08,
  async run(attack) {
    const texts = requestsAboutOthers(attack);
    await forEach(repeat(texts, attack.count), poster(attack));
    await forEach(badCredentials(attack), (headers) => askUnauthorised(attack, headers));
  },
};

function requestsAboutOthers({ foreignIds }: Attack): string[] {
  const texts: string[] = [];
  for (const method of METHOD_NAMES) {
    for (const id of foreignIds) {
      for (const params of paramsAbout(method, id)) {
        texts.push(JSON.stringify({ jsonrpc: '2.0', id: texts.length, method, params }));
      }
    }
  }
  return texts;
}

/** The example of a method, about `id`; and every other way to name somebody else's. */
function paramsAbout(method: (typeof METHOD_NAMES)[number], id: string): object[] {
  const example = methods[method].example.params as Record<string, unknown>;
  const about = Object.fromEntries(
    Object.entries(example).map(([key, value]) => {
      if (ID_KEYS.includes(key)) return [key, id];
      return [key, ID_LIST_KEYS.includes(key) ? [id] : value];
    }),
  );
  const named = { ...about, taskId: id };
  return [
    about,
    named,
    { ...about, treeId: id },
    { ...about, userId: 'anna' },
    { taskId: id, save: false, mode: 'full' },
    { tasks: [{ id, executor: 'echo' }], userId: 'anna' },
    { search: id, rootOnly: false },
  ];
}

function* repeat(texts: readonly string[], count: number): Generator<string> {
  for (let at = 0; at < Math.max(count, texts.length); at += 1) yield texts[at % texts.length] as string;
}

function badCredentials({ victim }: Attack): Record<string, string>[] {
  const good = `Bearer ${victim.tokens.mallory}`;
  return [
    {},
    { authorization: 'Bearer ' },
    { authorization: 'Bearer wrong' },
    { authorization: `Basic ${victim.tokens.owner}` },
    { authorization: `Bearer ${victim.tokens.owner}x` },
    { authorization: `Bearer ${'x'.repeat(10_000)}` },
    { authorization: good, origin: 'http://evil.invalid' },
    { authorization: good, origin: 'null' },
  ];
}

async function askUnauthorised({ victim, tally }: Attack, headers: Record<string, string>): Promise<void> {
  tally.requests += 1;
  const response = await fetch(`${victim.url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: requestText('tasks.list', {}),
  });
  tally.answer(await response.text(), JSON.stringify(headers));
  if (response.status !== 401 && response.status !== 403) {
    tally.complain(`${JSON.stringify(headers)} was answered with ${response.status}`);
  }
}
