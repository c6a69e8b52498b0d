/** The executor `command`: runs a program and answers what it printed. See `program.ts` for when an attempt ends. */
import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { TerminalError, type Executor, type ExecutorContext, type Json } from '@coppice/extension';
import { commandInputSchema, commandOutputSchema, inheritedEnv, type CommandInput } from './command-input.ts';
import { toOutcome } from './command-result.ts';
import { LeftProcesses, OWNER_VARIABLE, recordProcess, type Owner } from './left-processes.ts';
import { ProgramOutput } from './program-output.ts';
import { signalGroup, spawnGroup } from './process-group.ts';
import { findProcess, identityOf } from './process-table.ts';
import { untilEnded } from './program.ts';

export function createCommandExecutor(): Executor {
  const running = new Set<ChildProcess>();
  // A group of its own gets no Ctrl-C from the terminal: when this process exits in a hurry, nobody else would end it.
  const killAll = (): void => running.forEach((child) => signalGroup(child, 'SIGKILL'));
  const track = (child: ChildProcess): void => {
    if (running.size === 0) process.on('exit', killAll);
    running.add(child);
  };
  const forget = (child: ChildProcess): void => {
    running.delete(child);
    if (running.size === 0) process.off('exit', killAll);
  };

  const left = new LeftProcesses();
  let owner: Owner;
  const ownerOf = (): Owner => (owner ??= findProcess(process.pid));

  return {
    type: 'command',
    description: 'Runs a program.',
    effects: 'external',
    onCrash: 'retry',
    input: commandInputSchema,
    output: commandOutputSchema,
    actsAsServer: true,
    envOf: ({ inheritEnv }) => (Array.isArray(inheritEnv) ? inheritEnv.filter((name) => typeof name === 'string') : []),
    example: { command: 'git', args: ['log', '--oneline', '-5'], parse: 'lines' },
    async execute(input, ctx) {
      ctx.signal.throwIfAborted();
      const given = input as unknown as CommandInput;
      const command = { ...given, cwd: resolve(ctx.baseDir, given.cwd ?? '.') };
      const child = spawnGroup(command, buildEnv(command, ctx, ownerOf()));
      track(child);
      recordProcess(child.pid, ownerOf(), ctx);
      try {
        const printed = new ProgramOutput(child, command, ctx);
        ctx.partialOutput(() => printed.evidence());
        writeStdin(child, command.stdin);
        return toOutcome(command, await untilEnded({ child, input: command, ctx, printed }));
      } finally {
        forget(child);
      }
    },
    reclaim: (input, ctx) => left.end(input as unknown as CommandInput, ctx),
    close: killAll,
  };
}

/** Only what is allowed, what is asked for, and what tells the program which attempt it belongs to. */
function buildEnv({ env, inheritEnv = [] }: CommandInput, ctx: ExecutorContext, owner: Owner): NodeJS.ProcessEnv {
  const inherited: NodeJS.ProcessEnv = {};
  for (const name of inheritedEnv) {
    if (process.env[name] !== undefined) inherited[name] = process.env[name];
  }
  for (const name of inheritEnv) {
    if (!inheritedEnv.includes(name) && !Object.hasOwn(ctx.env, name)) throw notAllowed(name);
    if (Object.hasOwn(ctx.env, name) && ctx.env[name] !== undefined) inherited[name] = ctx.env[name];
  }
  return {
    ...inherited,
    COPPICE_TREE_ID: ctx.treeId,
    COPPICE_TASK_ID: ctx.taskId,
    COPPICE_ATTEMPT: String(ctx.attempt),
    COPPICE_IDEMPOTENCY_KEY: ctx.idempotencyKey,
    ...(owner === undefined || owner instanceof Promise ? {} : { [OWNER_VARIABLE]: identityOf(owner) }),
    ...env,
  };
}

function notAllowed(name: string): TerminalError {
  return new TerminalError(
    `inheritEnv: tasks may not read the environment variable ${name}; allow it with "env": ["${name}"] in the configuration (coppice.config.json)`,
    { code: 'command/env-not-allowed' },
  );
}

function writeStdin(child: ChildProcess, stdin: Json | undefined): void {
  if (stdin === undefined || child.stdin === null) return;
  // A program may end without reading its input; that is its own business, and its exit code tells how it went.
  child.stdin.on('error', () => {});
  child.stdin.end(typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
}
