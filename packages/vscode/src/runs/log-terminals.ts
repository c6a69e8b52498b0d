/** What tasks write, in terminals: one for each task or tree, which follows it until it is closed. Colours stay; nothing else that a terminal obeys. */
import { colouredLine, isEnded, isGroup, isRunUnderWay } from '@coppice/client';
import type { LogPage } from '@coppice/client';
import { attemptsOf, errorText, LogFeed, oneLine } from '@coppice/ui';
import * as vscode from 'vscode';
import type { SessionHold } from '../connections/session-hold.ts';
import { taskIdOf } from '../explorer/nodes.ts';
import type { WorkNode } from '../explorer/nodes.ts';
import { inLabel } from '../plain-text.ts';
import { pickOne } from '../questions.ts';

/** Lines to begin with. */
const LAST = 1_000;
/** Pause after each page: the terminal does not say when it has shown one. */
const PAGE_MS = 50;
const DIM = '\u001B[2m';
const RESET = '\u001B[0m';

export class LogTerminals implements vscode.Disposable {
  readonly #open = new Map<string, vscode.Terminal>();
  readonly #closing = vscode.window.onDidCloseTerminal((closed) => {
    for (const [key, terminal] of this.#open) if (terminal === closed) this.#open.delete(key);
  });

  /** Shows what a task writes; asks which attempt is meant if there were several. */
  async open(node: WorkNode): Promise<void> {
    const taskId = taskIdOf(node);
    const hold = await node.connection.sessions.hold(node.treeId);
    const { definition } = hold.log.view.tasks.get(taskId) ?? {};
    const numbers =
      definition === undefined || isGroup(definition)
        ? []
        : attemptsOf(hold.log.events, taskId).map(({ attempt }) => attempt);
    const chosen = numbers.length < 2 ? { attempt: undefined } : await pickAttempt(numbers);
    if (chosen === undefined) return hold.dispose();
    const { attempt } = chosen;
    const key = `${node.connection.spec.id} ${taskId} ${attempt ?? ''}`;
    const known = this.#open.get(key);
    if (known !== undefined) {
      hold.dispose();
      known.show();
      return;
    }
    const name = oneLine(definition?.name ?? taskId);
    const terminal = vscode.window.createTerminal({
      name: attempt === undefined ? name : vscode.l10n.t('{0}: attempt {1}', name, attempt),
      pty: new LogTerminal(hold, { node, attempt }),
      iconPath: new vscode.ThemeIcon('list-flat'),
      isTransient: true,
    });
    this.#open.set(key, terminal);
    terminal.show();
  }

  dispose(): void {
    this.#closing.dispose();
    for (const terminal of this.#open.values()) terminal.dispose();
  }
}

/** undefined: the person picked none. */
async function pickAttempt(numbers: readonly number[]): Promise<{ readonly attempt: number | undefined } | undefined> {
  const all = { label: vscode.l10n.t('All attempts'), attempt: undefined };
  const items = numbers
    .toReversed()
    .map((attempt) => ({ label: inLabel(vscode.l10n.t('Attempt {0}', attempt)), attempt }));
  return pickOne<{ label: string; attempt: number | undefined }>([all, ...items]);
}

class LogTerminal implements vscode.Pseudoterminal {
  readonly #hold: SessionHold;
  readonly #node: WorkNode;
  readonly #attempt: number | undefined;
  readonly #written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.#written.event;
  /** Number of the next line of each attempt. */
  readonly #next = new Map<string, number>();
  #feed: LogFeed | undefined;
  #stop: (() => void) | undefined;

  constructor(hold: SessionHold, { node, attempt }: { readonly node: WorkNode; readonly attempt: number | undefined }) {
    this.#hold = hold;
    this.#node = node;
    this.#attempt = attempt;
  }

  open(): void {
    const taskId = taskIdOf(this.#node);
    const { log } = this.#hold;
    const feed = new LogFeed({
      read: (range) => this.#node.connection.client.followLogs(range),
      taskId,
      attempt: this.#attempt,
      last: LAST,
      onLines: (lines) => this.#show(lines),
      onPause: (problem) => this.#tell(problem),
    });
    this.#feed = feed;
    this.#stop = log.onEvents(() => {
      const task = log.view.tasks.get(taskId);
      if (task !== undefined && isRunUnderWay(log.view.status) && !isEnded(task.status)) feed.wake();
    });
  }

  close(): void {
    this.#stop?.();
    this.#feed?.dispose();
    this.#hold.dispose();
    this.#written.dispose();
  }

  #show(lines: LogPage): Promise<void> {
    this.#write(lines.map((line) => this.#textOf(line)).join(''));
    return new Promise((resolve) => setTimeout(resolve, PAGE_MS));
  }

  #textOf({ taskId, attempt, number, stream, text }: LogPage[number]): string {
    const key = `${taskId} ${attempt}`;
    const expected = this.#next.get(key) ?? number;
    this.#next.set(key, number + 1);
    const { tasks } = this.#hold.log.view;
    const name = taskId === taskIdOf(this.#node) ? undefined : tasks.get(taskId)?.definition.name;
    const lost = number - expected;
    const gap = lost > 0 ? `${DIM}${vscode.l10n.t('… {0} lines were dropped at a limit', lost)}${RESET}\r\n` : '';
    const before = name === undefined ? '' : `${DIM}${oneLine(name)} │${RESET} `;
    const line = colouredLine(text);
    return `${gap}${before}${stream === 'log' ? `${DIM}${line}${RESET}` : line}\r\n`;
  }

  #tell(problem: unknown): void {
    const text =
      problem === undefined ? vscode.l10n.t('Nothing more comes, until it runs again.') : oneLine(errorText(problem));
    this.#write(`${DIM}${text}${RESET}\r\n`);
  }

  #write(text: string): void {
    this.#written.fire(text);
  }
}
