/** One node of the graph as SVG: made once, and changed where it differs. */
import { isGroup, workOf } from '@coppice/client';
import type { TaskView } from '@coppice/client';
import type { GraphNode } from '../model/graph-model.ts';
import { NODE_HEIGHT, NODE_WIDTH } from '../model/graph-model.ts';
import { oneLine, spokenTask, STATUS_SYMBOLS, taskDetail } from '../model/status-look.ts';
import { setAttributes, setText, svg } from './element.ts';

/** Characters of the name and of the line below it that fit. */
const NAME_MAX = 24;
const DETAIL_MAX = 31;
const TOGGLE_RADIUS = 8;

/** What a node's look depends on beside its task. */
export interface NodeState {
  readonly isSelected: boolean;
  readonly isFound: boolean;
  readonly nowMs: number;
}

export class NodePicture {
  readonly element: SVGGElement;
  readonly #symbol = svg('text', { class: 'node-symbol', x: 16, y: 28, 'text-anchor': 'middle' });
  readonly #name = svg('text', { class: 'node-name', x: 30, y: 20 });
  readonly #detail = svg('text', { class: 'node-detail', x: 30, y: 36 });
  readonly #bar = svg('rect', { class: 'node-bar', x: 1, y: NODE_HEIGHT - 4, height: 3, width: 0 });
  readonly #toggle = svg('g', { class: 'node-toggle', transform: `translate(${NODE_WIDTH}, ${NODE_HEIGHT / 2})` });
  readonly #toggleSign = svg('text', { 'text-anchor': 'middle', y: 4 });
  readonly #title = svg('title');

  constructor(id: string) {
    this.#toggle.append(svg('circle', { r: TOGGLE_RADIUS }), this.#toggleSign);
    this.element = svg(
      'g',
      { role: 'treeitem', id: elementId(id), 'data-id': id, 'data-vscode-context': menuContext(id) },
      this.#title,
      svg('rect', { class: 'node-box', width: NODE_WIDTH, height: NODE_HEIGHT, rx: 6 }),
      svg('rect', { class: 'node-edge', width: 4, height: NODE_HEIGHT, rx: 2 }),
      this.#bar,
      this.#symbol,
      this.#name,
      this.#detail,
      this.#toggle,
    );
  }

  /** Draws the node as it is now; what is the same is not touched. */
  update(node: GraphNode, state: NodeState): void {
    const { task } = node;
    setAttributes(this.element, {
      transform: `translate(${node.x}, ${node.y})`,
      class: nodeClass(task, state),
      'aria-level': node.depth + 1,
      'aria-selected': String(state.isSelected),
      'aria-expanded': task.children.length === 0 ? undefined : String(!node.isCollapsed),
      'aria-label': spokenTask(task, state.nowMs),
    });
    setText(this.#symbol, STATUS_SYMBOLS[task.status]);
    setText(this.#name, cut(oneLine(task.definition.name), NAME_MAX));
    setText(this.#detail, cut(taskDetail(task, state.nowMs), DETAIL_MAX));
    setText(this.#title, tooltip(task));
    setAttributes(this.#bar, { width: Math.round(doneFraction(task) * (NODE_WIDTH - 2)) });
    setAttributes(this.#toggle, { visibility: task.children.length === 0 ? 'hidden' : undefined });
    setText(this.#toggleSign, node.isCollapsed ? '+' : '−');
  }
}

/** The id of a node's element; ids of tasks may hold any character. */
export function elementId(taskId: string): string {
  return `node-${encodeURIComponent(taskId)}`;
}

/** What the editor's own menus are told about the place of a click. */
export function menuContext(taskId: string): string {
  return JSON.stringify({ webviewSection: 'task', taskId, preventDefaultContextMenuItems: true });
}

function nodeClass(task: TaskView, { isSelected, isFound }: NodeState): string {
  const classes = ['node', `status-${task.status}`];
  if (isGroup(task.definition)) classes.push('is-group');
  if (task.isLeftOut) classes.push('is-left-out');
  if (task.isReused) classes.push('is-reused');
  if (isSelected) classes.push('is-selected');
  if (isFound) classes.push('is-found');
  return classes.join(' ');
}

/** 0 to 1: of a running task what it reports, of a group how many of its members have ended. */
function doneFraction(task: TaskView): number {
  if (task.status !== 'running') return 0;
  if (!isGroup(task.definition)) return task.progress ?? 0;
  return task.inside.total === 0 ? 0 : task.inside.ended / task.inside.total;
}

function tooltip(task: TaskView): string {
  const parts = [oneLine(task.definition.name), workOf(task.definition), task.id];
  if (task.message !== undefined) parts.push(oneLine(task.message));
  if (task.error !== undefined) parts.push(oneLine(task.error.message));
  if (task.reason !== undefined) parts.push(oneLine(task.reason.message));
  return parts.join('\n');
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).trimEnd()}…`;
}
