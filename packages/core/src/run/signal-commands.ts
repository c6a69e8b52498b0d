/** Commands that signals give: read from what was sent or returned, and made into commands of the run (R-SN-02, R-SN-03). */
import type { Json, SignalCommand, TaskId } from '@coppice/extension';
import { refuse, type Outcome, type Violation } from '../errors/rejection.ts';
import { isDurationMs } from '../task/time-limits.ts';
import { OWN_SIGNALS } from '../task/wait.ts';
import type { DecideContext, RunCommand, StoredTree } from './command.ts';
import type { RunState } from './state.ts';

/** Commands of one signal. */
export const SIGNAL_COMMANDS_MAX = 100;
const REASON_LENGTH_MAX = 1_000;
const PORT_LENGTH_MAX = 200;

type Field = 'task' | 'reason' | 'drainTimeoutMs' | 'inputs' | 'output' | 'port';

interface Shape {
  readonly required: readonly Field[];
  readonly optional: readonly Field[];
}

const SHAPES: Readonly<Record<SignalCommand['type'], Shape>> = {
  pause: { required: [], optional: ['task', 'reason', 'drainTimeoutMs'] },
  resume: { required: [], optional: ['task', 'reason'] },
  cancel: { required: [], optional: ['task', 'reason'] },
  update: { required: ['task', 'inputs'], optional: [] },
  complete: { required: ['task'], optional: ['output', 'port', 'reason'] },
  skip: { required: ['task'], optional: ['reason'] },
};

/** Names of the signals that are Coppice's own: each gives the command that it is called after. */
export const BUILT_IN_SIGNALS: readonly string[] = Object.keys(SHAPES).map((type) => `${OWN_SIGNALS}${type}`);

/** The command of a signal of Coppice's own; its payload has the fields of the command. */
export function ownCommand(run: RunState, name: string, payload: Json): Outcome<SignalCommand> {
  const fields = payload ?? {};
  const command = isMap(fields) ? { ...fields, type: name.slice(OWN_SIGNALS.length) } : fields;
  const read = readCommand((reference) => findTask(run, reference), command, ['payload']);
  if (!Array.isArray(read)) return { ok: true, value: read };
  const [first] = read as [Violation];
  const message = `The signal ${name} can not be used: ${first.path.join('.')} ${first.reason}`;
  return refuse('task/invalid-inputs', message, { errors: read });
}

/** The commands that a handler has returned; a text: why they can not be given. */
export function commandsOf(find: FindTask, returned: unknown): readonly SignalCommand[] | string {
  if (!Array.isArray(returned)) return `it returned ${nameOf(returned)}, and not a list of commands`;
  if (returned.length > SIGNAL_COMMANDS_MAX)
    return `it returned ${returned.length} commands, and may return ${SIGNAL_COMMANDS_MAX}`;
  const commands: SignalCommand[] = [];
  for (const [at, each] of returned.entries()) {
    const read = readCommand(find, each, ['commands', at]);
    if (Array.isArray(read)) {
      const { path, reason } = read[0] as Violation;
      return `${path.join('.')} ${reason}`;
    }
    commands.push(read);
  }
  return commands;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return 'then' in value ? 'a promise' : 'an object';
  return `a ${typeof value}`;
}

/** The command with the id of its task, or what is wrong with it. */
function readCommand(find: FindTask, given: unknown, path: readonly (string | number)[]): SignalCommand | Violation[] {
  if (!isMap(given)) return [wrong(path, 'is no object', nameOf(given))];
  const { type } = given;
  const shape =
    typeof type === 'string' && Object.hasOwn(SHAPES, type) ? SHAPES[type as keyof typeof SHAPES] : undefined;
  if (shape === undefined)
    return [wrong([...path, 'type'], `is none of ${Object.keys(SHAPES).join(', ')}`, type as Json | undefined)];
  const known: readonly string[] = [...shape.required, ...shape.optional];
  const issues: Violation[] = [];
  const command: Record<string, Json> = { type: type as string };
  for (const [field, value] of Object.entries(given)) {
    if (field === 'type' || value === undefined) continue;
    const problem = known.includes(field)
      ? problemOf(find, field as Field, value)
      : `is no field of the command ${type as string}, which has ${known.join(', ')}`;
    if (problem !== undefined) issues.push(wrong([...path, field], problem, undefined));
    else command[field] = field === 'task' ? (find(value as string) as TaskId) : (value as Json);
  }
  for (const field of shape.required)
    if (given[field] === undefined) issues.push(wrong([...path, field], 'is missing', undefined));
  return issues.length > 0 ? issues : (command as unknown as SignalCommand);
}

function problemOf(find: FindTask, field: Field, value: unknown): string | undefined {
  switch (field) {
    case 'task':
      if (typeof value !== 'string') return 'is no text';
      return find(value) === undefined
        ? `is neither the id of a task of this run nor the key of exactly one: ${value.slice(0, PORT_LENGTH_MAX)}`
        : undefined;
    case 'reason':
      return textProblem(value, REASON_LENGTH_MAX);
    case 'port':
      return textProblem(value, PORT_LENGTH_MAX);
    case 'drainTimeoutMs':
      return typeof value === 'number' && isDurationMs(value) ? undefined : 'is no number of ms';
    case 'inputs':
      return isMap(value) ? undefined : 'is no object';
    case 'output':
      return undefined;
  }
}

function textProblem(value: unknown, lengthMax: number): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= lengthMax
    ? undefined
    : `is no text of 1 to ${lengthMax} characters`;
}

/** Finds a task by its id, or by a key that no other task has. */
export type FindTask = (reference: string) => TaskId | undefined;

export function findTask({ byId, tasks }: RunState, reference: string): TaskId | undefined {
  if (byId.has(reference as TaskId)) return reference as TaskId;
  const [first, second] = tasks.filter(({ definition, deleted }) => !deleted && definition.key === reference);
  return second === undefined ? first?.id : undefined;
}

function wrong(path: readonly (string | number)[], reason: string, actual: Json | undefined): Violation {
  return { code: 'task/invalid-inputs', path, reason, ...(actual === undefined ? {} : { actual }) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function storedTree({ tasks, inputs, variables, declares }: RunState): StoredTree {
  const stored = tasks.filter(({ deleted }) => !deleted).map(({ definition }) => definition);
  return { tasks: stored, inputs, variables, declares };
}

/** What a command needs from outside. */
type Outside = Pick<DecideContext, 'failingExecutors' | 'updated'>;

/** The command of the run that a signal asks for. */
export function runCommandOf(run: RunState, asked: SignalCommand, outside: Outside): Outcome<RunCommand> {
  const taskId = asked.task as TaskId | undefined;
  switch (asked.type) {
    case 'pause': {
      const { reason, drainTimeoutMs } = asked;
      const failing = outside.failingExecutors?.() ?? [];
      return { ok: true, value: { type: 'pause', taskId, reason, drainTimeoutMs, failing } };
    }
    case 'resume':
    case 'cancel':
      return { ok: true, value: { type: asked.type, taskId, reason: asked.reason } };
    case 'update': {
      const definition = outside.updated?.(storedTree(run), taskId as TaskId, asked.inputs);
      if (definition === undefined) return refuse('task/invalid-transition', 'Nothing can be updated by a signal here');
      return definition.ok ? { ok: true, value: { type: 'update', definition: definition.value } } : definition;
    }
    case 'complete': {
      const { output = null, port, reason } = asked;
      const ending = { status: 'completed', output, port } as const;
      return { ok: true, value: { type: 'endByHand', taskId: taskId as TaskId, ending, reason } };
    }
    case 'skip': {
      const { reason } = asked;
      return {
        ok: true,
        value: { type: 'endByHand', taskId: taskId as TaskId, ending: { status: 'skipped' }, reason },
      };
    }
  }
}
