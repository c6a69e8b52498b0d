/** Runs the command as a person would: a child process of its own, from the sources. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, 'main.ts');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<CliResult>;
  /** Resolves with the standard output so far when it, or the error output, holds `text`; rejects if the process ends before. */
  until(text: string | RegExp): Promise<string>;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; null leaves it open. Default: nothing. */
  readonly stdin?: string | null;
}

/** A fresh folder, and the function that removes it. */
export async function makeFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'coppice-cli-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export function startCli(args: readonly string[], options: CliOptions): CliProcess {
  const { NODE_OPTIONS: _, COPPICE_SERVER: __, COPPICE_TOKEN: ___, COPPICE_DATA_DIR: ____, ...env } = process.env;
  const child = spawn(process.execPath, ['--conditions=coppice-source', MAIN, ...args], {
    cwd: options.cwd,
    env: { ...env, NO_COLOR: '1', ...options.env },
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const more = (): void => waiting.forEach((check) => check());
  child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), more()));
  child.stderr.setEncoding('utf8').on('data', (text: string) => ((stderr += text), more()));
  if (options.stdin !== null) child.stdin.end(options.stdin ?? '');
  const ended = new Promise<CliResult>((settle) => {
    child.once('close', (code) => settle({ code, stdout, stderr }));
  });
  const until = (text: string | RegExp): Promise<string> =>
    new Promise((found, failed) => {
      const check = (): void => {
        const holds = (output: string): boolean =>
          typeof text === 'string' ? output.includes(text) : text.test(output);
        if (!holds(stdout) && !holds(stderr)) return;
        waiting.delete(check);
        found(stdout);
      };
      waiting.add(check);
      check();
      void ended.then(() => failed(new Error(`It ended without ${String(text)}:\n${stdout}${stderr}`)));
    });
  return { child, ended, until };
}

export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).ended;
}
