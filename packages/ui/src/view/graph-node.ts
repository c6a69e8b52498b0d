/** One node of the graph as SVG: made once, and changed where it differs. */
import { isGroup, stillOf, reasonText, workOf } from '@coppice/client';
import type { TaskView } from '@coppice/client';
import { HEADER_HEIGHT } from '../layout/flow-problem.ts';
import type { GraphNode } from '../model/graph-model.ts';
import { oneLine, spokenTask, symbolOf, taskDetail } from '../model/status-look.ts';
import { setAttributes, setText, svg } from './element.ts';

/** Width of a character of the name and of the line below it, and what stands beside them, px. */
const NAME_PX = 7.2;
const DETAIL_PX = 5.6;
const BESIDE_PX = 36;
const TOGGLE_RADIUS = 7.5;
/** The middle of the status, and in a flow of the toggle below it: there it stays under the pointer when a group is folded. */
const SYMBOL_X = 16;
const SYMBOL_Y = 28;
const SYMBOL_Y_ABOVE = 20;
const TOGGLE_Y_BELOW = 34;
/** How far the second sheet of a folded group looks out below it. */
const STACK = 4;

/** What a node's look depends on beside its task. */
export interface NodeState {
  readonly isSelected: boolean;
  readonly isFound: boolean;
  /** True: groups are around their members, so that the right side belongs to them. */
  readonly isNested: boolean;
  readonly nowMs: number;
}

export class NodePicture {
  readonly element: SVGGElement;
  readonly #symbol = svg('text', { class: 'node-symbol', x: SYMBOL_X, 'text-anchor': 'middle' });
  readonly #name = svg('text', { class: 'node-name', x: 30, y: 20 });
  readonly #detail = svg('text', { class: 'node-detail', x: 30, y: 36 });
  readonly #stack = svg('rect', { class: 'node-stack', x: STACK, y: STACK, rx: 6 });
  readonly #box = svg('rect', { class: 'node-box', rx: 6 });
  readonly #bar = svg('rect', { class: 'node-bar', x: 1, y: HEADER_HEIGHT - 4, height: 3, width: 0 });
  readonly #toggle = svg('g', { class: 'node-toggle' });
  readonly #toggleSign = svg('text', { 'text-anchor': 'middle', y: 4 });
  readonly #title = svg('title');

  constructor(id: string) {
    this.#toggle.append(svg('circle', { r: TOGGLE_RADIUS }), this.#toggleSign);
    this.element = svg(
      'g',
      { role: 'treeitem', id: elementId(id), 'data-id': id, 'data-vscode-context': menuContext(id) },
      this.#title,
      this.#stack,
      this.#box,
      svg('rect', { class: 'node-edge', width: 4, height: HEADER_HEIGHT, rx: 2 }),
      this.#bar,
      this.#symbol,
      this.#name,
      this.#detail,
      this.#toggle,
    );
  }

  /** Draws the node as it is now; what is the same is not touched. */
  update(node: GraphNode, state: NodeState): void {
    const { task, width, height } = node;
    const hasMembers = task.children.length > 0;
    setAttributes(this.element, {
      transform: `translate(${node.x}, ${node.y})`,
      class: nodeClass(node, state),
      'aria-level': node.depth + 1,
      'aria-selected': String(state.isSelected),
      'aria-expanded': hasMembers ? String(!node.isCollapsed) : undefined,
      'aria-label': spokenTask(task, state.nowMs),
    });
    const room = width - BESIDE_PX;
    const isBelow = state.isNested && hasMembers;
    setText(this.#symbol, symbolOf(task));
    setAttributes(this.#symbol, { y: isBelow ? SYMBOL_Y_ABOVE : SYMBOL_Y });
    setText(this.#name, cut(oneLine(task.definition.name), room / NAME_PX));
    setText(this.#detail, cut(taskDetail(task, state.nowMs), room / DETAIL_PX));
    setText(this.#title, tooltip(task));
    setAttributes(this.#box, { width, height });
    setAttributes(this.#stack, { width, height, visibility: node.isCollapsed ? undefined : 'hidden' });
    setAttributes(this.#bar, { width: Math.round(doneFraction(task) * (width - 2)) });
    setAttributes(this.#toggle, {
      transform: isBelow ? `translate(${SYMBOL_X}, ${TOGGLE_Y_BELOW})` : `translate(${width}, ${HEADER_HEIGHT / 2})`,
      visibility: hasMembers ? undefined : 'hidden',
    });
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

function nodeClass({ task, isFrame, isCollapsed }: GraphNode, { isSelected, isFound }: NodeState): string {
  const classes = ['node', `status-${task.status}`];
  if (isFrame) classes.push('is-frame');
  if (isCollapsed) classes.push('is-collapsed');
  if (isGroup(task.definition)) classes.push('is-group');
  if (task.isLeftOut) classes.push('is-left-out');
  if (stillOf(task) !== undefined) classes.push('is-paused');
  if (task.definition.compensates !== undefined) classes.push('is-compensation');
  if (task.definition.finally === true) classes.push('is-clean-up');
  if (task.isReused) classes.push('is-reused');
  if (isSelected) classes.push('is-selected');
  if (isFound) classes.push('is-found');
  return classes.join(' ');
}

/** 0 to 1: of a running task what it reports, of one with members how many of them have ended. */
function doneFraction(task: TaskView): number {
  if (task.status !== 'running') return 0;
  const { total, ended } = task.inside;
  return total === 0 ? (task.progress ?? 0) : ended / total;
}

function tooltip(task: TaskView): string {
  const parts = [oneLine(task.definition.name), workOf(task.definition), task.id];
  if (task.message !== undefined) parts.push(oneLine(task.message));
  if (task.error !== undefined) parts.push(oneLine(task.error.message));
  if (task.reason !== undefined) parts.push(oneLine(reasonText(task.reason)));
  return parts.join('\n');
}

function cut(text: string, room: number): string {
  const max = Math.floor(room);
  return text.length <= max ? text : `${text.slice(0, max - 1).trimEnd()}…`;
}
