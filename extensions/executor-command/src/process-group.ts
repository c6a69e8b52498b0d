/**
 * Starts a program as the leader of a process group of its own, so that it can be ended with everything it started.
 *
 * Windows has no process groups: there only the program itself is ended.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { RetryableError, TerminalError } from '@coppice/extension';
import type { CommandInput } from './command-input.ts';
import { nameOf } from './command-result.ts';

const hasGroups = process.platform !== 'win32';

/** Starts the program. Throws a TerminalError when the arguments are unusable; faults of the system come as `error` events. */
export function spawnGroup(input: CommandInput, env: NodeJS.ProcessEnv): ChildProcess {
  try {
    return spawn(input.command, input.args ?? [], {
      cwd: input.cwd,
      env,
      shell: input.shell ?? false,
      detached: hasGroups,
      windowsHide: true,
      stdio: [input.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw toSpawnError(cause as NodeJS.ErrnoException, input);
  }
}

/** Sends a signal to every process of the group, as far as that is allowed. A group that has ended already is fine. Never throws: it is called where nobody catches. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (hasGroups) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // ESRCH: it has ended. EPERM: it runs as another user now (a set-user-id program), and nobody here can end it.
  }
}

/** True while a process of the group runs. Always false on Windows, where there is no group. */
export function isGroupAlive({ pid }: ChildProcess): boolean {
  if (!hasGroups || pid === undefined) return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    // The group is gone, or this process may not signal it.
    return false;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Missing, not allowed to be looked at, or no possible path at all.
    return false;
  }
}

/** Says why a program did not start and what to do. */
export function toSpawnError(error: NodeJS.ErrnoException, input: CommandInput): RetryableError | TerminalError {
  const { command, cwd } = input;
  const name = nameOf(input);
  // The system's words repeat the command, which may be a whole script.
  const cause = Object.assign(new Error(error.message.replaceAll(command, name.slice(1, -1))), { code: error.code });
  if (cwd !== undefined && !isDirectory(cwd)) {
    return new TerminalError(
      `The working directory "${cwd}" of command ${name} is no directory; create it or change "cwd"`,
      {
        code: 'command/bad-cwd',
        cause,
      },
    );
  }
  switch (cause.code) {
    case 'ENOENT': {
      const isPath = /^\.{0,2}[/\\]/.test(command);
      const hint = /\s/.test(command)
        ? 'put the arguments into "args", or set "shell: true" to run a command line'
        : isPath
          ? 'a relative path starts in the working directory, which "cwd" changes'
          : 'install it, give its full path, or extend PATH by "env"';
      const where = isPath && cwd !== undefined ? ` in ${cwd}` : '';
      return new TerminalError(`There is no program ${name}${where}; ${hint}`, { code: 'command/not-found', cause });
    }
    case 'EACCES':
      return new TerminalError(`${name} may not be executed; set its execute permission (chmod +x) or name a program`, {
        code: 'command/not-executable',
        cause,
      });
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return new RetryableError(`The system has no room to start ${name} (${cause.code})`, {
        code: 'command/no-resources',
        cause,
      });
    default:
      return new TerminalError(`Command ${name} could not be started: ${cause.message}`, {
        code: 'command/not-started',
        cause,
      });
  }
}
