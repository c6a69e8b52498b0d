/** Which trees the explorer shows, and in which order. */
import type { TreeSummary } from '@coppice/client';
import { treesMatching } from '@coppice/ui';
import * as vscode from 'vscode';

export const STATUSES = ['created', 'running', 'pausing', 'paused', 'completed', 'failed', 'cancelled'] as const;

const URGENCY: Readonly<Record<string, number>> = {
  running: 0,
  pausing: 0,
  paused: 1,
  failed: 2,
  created: 3,
  cancelled: 4,
  completed: 5,
};

export class ExplorerFilter implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #listening: vscode.Disposable;
  #text = '';
  #statuses: ReadonlySet<string> = new Set();

  constructor() {
    this.#listening = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('coppice.explorer')) this.#changed.fire();
    });
  }

  get text(): string {
    return this.#text;
  }

  get statuses(): ReadonlySet<string> {
    return this.#statuses;
  }

  get isActive(): boolean {
    return this.#text !== '' || this.#statuses.size > 0;
  }

  /** True: a change of status may show or hide a tree, or move it. */
  get isByStatus(): boolean {
    return this.#statuses.size > 0 || sortOrder() === 'status';
  }

  set(text: string, statuses: ReadonlySet<string>): void {
    this.#text = text;
    this.#statuses = statuses;
    void vscode.commands.executeCommand('setContext', 'coppice.isFiltered', this.isActive);
    this.#changed.fire();
  }

  apply(trees: readonly TreeSummary[], ownUserId: string | undefined): readonly TreeSummary[] {
    const isOnlyMine = vscode.workspace.getConfiguration('coppice.explorer').get<boolean>('onlyMine') === true;
    const userId = isOnlyMine ? ownUserId : undefined;
    const shown = treesMatching(trees, { text: this.#text, statuses: this.#statuses, userId });
    switch (sortOrder()) {
      case 'name':
        return shown.toSorted((a, b) => a.name.localeCompare(b.name));
      case 'status':
        return shown.toSorted((a, b) => (URGENCY[a.status] ?? 9) - (URGENCY[b.status] ?? 9));
      default:
        return shown;
    }
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }
}

function sortOrder(): string {
  return vscode.workspace.getConfiguration('coppice.explorer').get<string>('sort') ?? 'newest';
}
