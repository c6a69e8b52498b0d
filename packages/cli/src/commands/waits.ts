/** `coppice waits|answer|signal`: what waits for people and for the outside, and how it goes on. */
import type { Json, JsonObject, OpenWait, Result } from '@coppice/protocol';
import { answererText, relativeText } from '@coppice/client';
import type { CommandContext, CommandSession } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import { COPPICE } from '../output/command-name.ts';
import { ExitCode } from '../output/exit-code.ts';
import type { Output } from '../output/output.ts';
import { UsageError } from '../output/report-error.ts';
import { tableLines } from '../output/table.ts';
import { symbolOf } from '../output/theme.ts';
import { askForAnswer } from './answer-prompt.ts';
import { openPrompt } from './ask-fields.ts';
import { parsePair, parseYaml } from './given-inputs.ts';

export interface WaitsOptions {
  readonly mine?: boolean;
  readonly limit?: number;
}

export async function waits({ output, open }: CommandContext, options: WaitsOptions): Promise<void> {
  const { client } = await open('read');
  const { mine = false, limit } = options;
  const page = await client.waits.list({ mine, ...(limit === undefined ? {} : { limit }) });
  if (output.isJson) {
    output.json(page);
    return;
  }
  if (page.items.length === 0) {
    output.note('Nothing waits for an answer or a signal.');
    return;
  }
  const nowMs = Date.now();
  const lines = tableLines(
    page.items,
    [
      { title: 'TASK', value: (wait) => wait.taskId },
      { title: 'WAITS FOR', value: whatFor },
      { title: 'TITLE', value: (wait) => oneLine(wait.title), shrinks: true },
      { title: 'TREE', value: (wait) => oneLine(wait.treeName), shrinks: true },
      { title: 'SINCE', value: (wait) => relativeText(wait.since, nowMs), align: 'right' },
      { title: 'UNTIL', value: (wait) => relativeText(wait.dueAt, nowMs), align: 'right' },
    ],
    { width: output.columns },
  );
  for (const line of lines) output.line(line);
  if (page.total > page.items.length) output.note(`${page.total - page.items.length} more with: --limit ${page.total}`);
  if (page.items.some(({ mayAnswer }) => mayAnswer)) output.note(`Answer one with: ${COPPICE} answer TASK`);
}

function whatFor(wait: OpenWait): string {
  if (wait.kind === 'signal') return `signal ${oneLine(wait.signal)}`;
  const who = oneLine(answererText(wait));
  return wait.mayAnswer ? `answer of ${who}` : `only ${who} may answer`;
}

export interface AnswerOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  /** `key=value` each; the value is read as YAML. */
  readonly set?: readonly string[];
  readonly comment?: string;
}

/** What of an answer is known so far. */
export interface Answer {
  readonly approved?: boolean;
  readonly values?: Json;
  readonly comment?: string;
}

export async function answer(
  { output, open }: CommandContext,
  reference: string | undefined,
  options: AnswerOptions,
): Promise<void> {
  const given = await givenAnswer(options);
  const session = await open('write');
  const taskId = reference === undefined ? await onlyWait(session) : await session.task(reference);
  const isAsking = !output.isJson && process.stdin.isTTY && process.stderr.isTTY;
  const asked = isAsking ? await ask(session, taskId, given) : given;
  const delivered = await session.client.waits.answer({ taskId, ...asked });
  tell(delivered, { output, session, said: saidText(asked) });
}

async function givenAnswer({ approve, reject, set, comment }: AnswerOptions): Promise<Answer> {
  const values: JsonObject | undefined =
    set === undefined ? undefined : Object.fromEntries(await Promise.all(set.map((pair) => parsePair(pair, '--set'))));
  return {
    ...(approve === true ? { approved: true } : reject === true ? { approved: false } : {}),
    ...(values === undefined ? {} : { values }),
    ...(comment === undefined ? {} : { comment }),
  };
}

async function ask({ client }: CommandSession, taskId: string, given: Answer): Promise<Answer> {
  const [wait] = (await client.waits.list({ taskId })).items;
  // The server says why there is none, or who may answer.
  if (wait?.mayAnswer !== true) return given;
  const prompt = openPrompt();
  try {
    return await askForAnswer(wait, given, prompt);
  } finally {
    prompt.close();
  }
}

async function onlyWait({ client }: CommandSession): Promise<string> {
  const { items, total } = await client.waits.list({ mine: true, limit: 10 });
  const [only] = items;
  if (only === undefined) throw new UsageError('Nothing waits for your answer.');
  if (total === 1) return only.taskId;
  const details = items.map((wait) => `${wait.taskId}  ${oneLine(wait.title)}`);
  throw new UsageError(`${total} waits can be answered. Name one of their tasks.`, details);
}

function saidText({ approved }: Answer): string {
  return approved === undefined ? 'Answered' : approved ? 'Approved' : 'Rejected';
}

export interface SignalOptions {
  /** YAML. */
  readonly payload?: string;
  readonly id?: string;
}

export async function signal(
  { output, open }: CommandContext,
  { tree, name }: { readonly tree: string; readonly name: string },
  { payload, id }: SignalOptions,
): Promise<number> {
  const value = payload === undefined ? undefined : ((await parseYaml(payload, '--payload')) as Json);
  const session = await open('write');
  const treeId = await session.tree(tree);
  const delivered = await session.client.tasks.signal({
    treeId,
    name,
    ...(value === undefined ? {} : { payload: value }),
    ...(id === undefined ? {} : { id }),
  });
  tell(delivered, { output, session, said: `Sent ${oneLine(name)}` });
  return delivered.rejected === null ? ExitCode.Ok : ExitCode.Failed;
}

interface Telling {
  readonly output: Output;
  readonly session: CommandSession;
  readonly said: string;
}

function tell(delivered: Result<'tasks.signal'>, { output, session, said }: Telling): void {
  if (output.isJson) {
    output.json(delivered);
    return;
  }
  const { taskId, commands, rejected } = delivered;
  if (rejected === null) output.line(`${symbolOf('completed')} ${said}: ${becameOf(delivered)}.`);
  else output.line(`${symbolOf('failed')} ${said}: it was rejected. ${oneLine(rejected)}`);
  if (session.isLocal && (taskId !== null || commands !== null)) output.note(`Its run goes on with: ${COPPICE} resume`);
}

function becameOf({ signal: seq, taskId, commands }: Result<'tasks.signal'>): string {
  if (seq === null) return 'it had come before';
  if (commands !== null) return `it gave ${commands === 1 ? 'one command' : `${commands} commands`}`;
  return taskId === null ? 'it waits until a task asks for it' : `${taskId} goes on`;
}
