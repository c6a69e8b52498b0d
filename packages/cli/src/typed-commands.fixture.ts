/** Reads command lines in texts for people, and compares them with the commands that there are. */
import type { Command } from 'commander';

/**
 * What is wrong with the commands in a Markdown page: those in backticks and in `sh` blocks.
 * A word in capitals stands for a value of the reader: `coppice run FILE`.
 */
export function pageProblems(program: Command, page: string): readonly string[] {
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'));
  const spans = page.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g);
  return [...blocks, ...[...spans].map(([, span = '']) => span)].flatMap((line) => lineProblems(program, line));
}

/** What is wrong with the commands in a line of the shell. */
export function lineProblems(program: Command, line: string): readonly string[] {
  const [text = ''] = line.split(/\s# |\s{3,}/);
  return text.split(/&&|[|;()]/).flatMap((part) => {
    const [, typed] = /^(?:(?:npx )?coppice|npm run coppice --) (.+)$/.exec(part.trim()) ?? [];
    const problem = typed === undefined ? undefined : commandProblem(program, typed.split(/\s+/));
    return problem === undefined ? [] : [`${problem}: ${part.trim()}`];
  });
}

function commandProblem(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  let argumentCount = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const inner = command.commands.find((one) => one.name() === word);
    if (inner !== undefined) command = inner;
    else if (/^[<>]/.test(word)) break;
    else if (/^--?[a-z]/.test(word)) {
      const [name = ''] = word.split('=');
      if (name === '--help') continue;
      const option = [...command.options, ...program.options].find(
        ({ short, long }) => short === name || long === name,
      );
      if (option === undefined) return `${command.name()} has no option ${name}`;
      if (option.required && name === word) at += 1;
    } else if (command.commands.length === 0) argumentCount += 1;
    else return /^[A-Z]+$/.test(word) ? undefined : `${command.name()} has no command ${word}`;
  }
  const { registeredArguments } = command;
  const isTooMuch = argumentCount > registeredArguments.length && registeredArguments.at(-1)?.variadic !== true;
  return isTooMuch ? `${command.name()} takes no ${argumentCount} arguments` : undefined;
}
