/** Shell completion, made by @bomb.sh/tab from the commands themselves; loaded only when a shell asks. */
import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Suggestion } from './completion-values.ts';

/** For people: prints a script. The script then calls the hidden `complete -- …` on every press of the tab key. */
const SCRIPT_COMMAND = 'completion';
const REQUEST_COMMAND = 'complete';
const SHELLS = ['zsh', 'bash', 'fish', 'powershell'];
/** Arguments that are a task or a tree, by their names. */
const REFERENCES: ReadonlySet<string> = new Set(['id', 'ids', 'tree']);

/** True when the command line is about completion. */
export function isCompletion(args: readonly string[]): boolean {
  return args[0] === SCRIPT_COMMAND || args[0] === REQUEST_COMMAND;
}

/** Adds the working commands. `args`: the command line; what its last word may become is looked up here, because the library does not wait. */
export async function addCompletion(program: Command, args: readonly string[]): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const asked = args[0] === REQUEST_COMMAND ? askedFor(program, args.slice(args.indexOf('--') + 1)) : undefined;
  if (args[0] === SCRIPT_COMMAND && args[1] === 'bash') process.stdout.write(BASH_WITHOUT_PACKAGE);
  const root = tab(program, { completionCommandName: SCRIPT_COMMAND });
  if (asked === undefined) return;
  // A store that can not be read is no reason to disturb who is typing.
  const suggestions = await asked.suggest().catch(() => []);
  root.commands.get(asked.command)?.argument(
    asked.argument,
    (complete) => {
      for (const { value, description } of suggestions) complete(value, description);
    },
    asked.isVariadic,
  );
}

/** The library's script wants a function of the package bash-completion, which many systems do not have. */
const BASH_WITHOUT_PACKAGE = `if ! type _get_comp_words_by_ref >/dev/null 2>&1; then
  _get_comp_words_by_ref() {
    cur="\${COMP_WORDS[COMP_CWORD]}"
    prev="\${COMP_WORDS[COMP_CWORD-1]}"
    words=("\${COMP_WORDS[@]}")
    cword=$COMP_CWORD
  }
fi
`;

interface CompletionRequest {
  /** `tasks get`. */
  readonly command: string;
  readonly argument: string;
  readonly isVariadic: boolean;
  readonly suggest: () => Promise<readonly Suggestion[]>;
}

/** The argument at which the last word stands, if its values have to be looked up. */
function askedFor(program: Command, words: readonly string[]): CompletionRequest | undefined {
  const word = words.at(-1) ?? '';
  if (word.startsWith('-')) return undefined;
  let command = program;
  let path = '';
  let left = words.slice(0, -1);
  for (;;) {
    const { operands, unknown } = command.parseOptions([...left]);
    const [name = '', ...rest] = operands;
    const inner = command.commands.find((candidate) => candidate.name() === name);
    if (inner === undefined) return argumentAt({ command, path, operands, word });
    command = inner;
    path = path === '' ? name : `${path} ${name}`;
    left = [...rest, ...unknown];
  }
}

interface Position {
  readonly command: Command;
  readonly path: string;
  /** Words before, without options. */
  readonly operands: readonly string[];
  readonly word: string;
}

function argumentAt({ command, path, operands, word }: Position): CompletionRequest | undefined {
  const known = command.registeredArguments;
  const argument = known[operands.length] ?? (known.at(-1)?.variadic === true ? known.at(-1) : undefined);
  if (argument === undefined) return undefined;
  const name = argument.name();
  const asked = { command: path, argument: name, isVariadic: argument.variadic };
  if (REFERENCES.has(name)) {
    return {
      ...asked,
      suggest: async () => (await import('./completion-values.ts')).referencesFor(word, command.optsWithGlobals()),
    };
  }
  if (name === 'file')
    return { ...asked, suggest: async () => (await import('./completion-values.ts')).filesFor(word) };
  const [file] = operands;
  return name === 'tasks' && file !== undefined
    ? { ...asked, suggest: async () => (await import('./completion-values.ts')).tasksIn(file) }
    : undefined;
}

/** Adds the command to the help only. */
export function announceCompletion(program: Command): void {
  program
    .command(SCRIPT_COMMAND)
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', COMPLETION_HELP);
}

const COMPLETION_HELP = `
Examples:
  $ source <(coppice completion bash)                                    in ~/.bashrc
  $ source <(coppice completion zsh)                                     in ~/.zshrc
  $ coppice completion fish > ~/.config/fish/completions/coppice.fish

It knows commands, options, definition files and their tasks, trees and what is in them: coppice tasks logs latest/<Tab>`;
