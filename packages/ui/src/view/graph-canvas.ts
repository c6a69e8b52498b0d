/** The graph from far: boxes in the colour of their status. Draws the whole on the minimap, and the graph itself when text would be too small. */
import type { GraphLayout } from '../model/graph-model.ts';
import { NODE_HEIGHT, NODE_WIDTH } from '../model/graph-model.ts';
import type { TaskStatus } from '@coppice/protocol';

/** Graph coordinates to pixels: `x * k + dx`. */
export interface Viewport {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}

/** Below this zoom text can not be read: the canvas draws. */
export const FAR_ZOOM = 0.35;
const READABLE_ZOOM = 0.8;

export type StatusColours = Readonly<Record<TaskStatus | 'line' | 'selection', string>>;

const STATUSES: readonly TaskStatus[] = [
  'pending',
  'ready',
  'running',
  'waiting',
  'completed',
  'failed',
  'skipped',
  'cancelled',
];

/** The colours that the style sheet gives statuses, as a canvas needs them. */
export function readColours(element: Element): StatusColours {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(`--coppice-${name}`).trim() || 'gray';
  const colours: Partial<Record<TaskStatus | 'line' | 'selection', string>> = {
    line: read('line'),
    selection: read('focus'),
  };
  for (const status of STATUSES) colours[status] = read(status);
  return colours as StatusColours;
}

export interface FarPicture {
  readonly layout: GraphLayout;
  readonly viewport: Viewport;
  readonly colours: StatusColours;
  readonly selectedId: string | undefined;
  /** Lines from parents to children; the minimap has none. */
  readonly hasLines: boolean;
}

/** Draws into the whole canvas, for screens of any density. */
export function drawFar(canvas: HTMLCanvasElement, picture: FarPicture): void {
  const context = prepare(canvas);
  if (context === null) return;
  const { layout, viewport, colours, hasLines } = picture;
  const { k, x, y } = viewport;
  if (hasLines) drawLines(context, picture);
  const width = Math.max(2, NODE_WIDTH * k);
  const height = Math.max(1.5, NODE_HEIGHT * k);
  for (const node of layout.nodes) {
    context.fillStyle = colours[node.task.status];
    context.fillRect(node.x * k + x, node.y * k + y, width, height);
  }
  const selected = picture.selectedId === undefined ? undefined : layout.byId.get(picture.selectedId);
  if (selected === undefined) return;
  context.strokeStyle = colours.selection;
  context.lineWidth = 2;
  context.strokeRect(selected.x * k + x - 2, selected.y * k + y - 2, width + 4, height + 4);
}

function drawLines(context: CanvasRenderingContext2D, { layout, viewport: { k, x, y }, colours }: FarPicture): void {
  context.strokeStyle = colours.line;
  context.lineWidth = Math.max(0.5, k);
  context.beginPath();
  for (const { parent, x: nodeX, y: nodeY } of layout.nodes) {
    if (parent === undefined) continue;
    context.moveTo((parent.x + NODE_WIDTH) * k + x, (parent.y + NODE_HEIGHT / 2) * k + y);
    context.lineTo(nodeX * k + x, (nodeY + NODE_HEIGHT / 2) * k + y);
  }
  context.stroke();
}

/** Clears the canvas; CSS pixels are its unit. Null where there is no canvas to draw on. */
function prepare(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const { clientWidth, clientHeight } = canvas;
  const density = window.devicePixelRatio;
  const width = Math.round(clientWidth * density);
  const height = Math.round(clientHeight * density);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  context?.setTransform(density, 0, 0, density, 0, 0);
  context?.clearRect(0, 0, clientWidth, clientHeight);
  return context;
}

export interface Box {
  readonly width: number;
  readonly height: number;
  /** Margin on all sides, px. */
  readonly margin: number;
}

/** How the whole layout fits into a box. */
export function fitInto(layout: GraphLayout, { width, height, margin }: Box): Viewport {
  const k = Math.min((width - 2 * margin) / layout.width, (height - 2 * margin) / layout.height);
  const fitted = Math.max(0.001, Math.min(1, k));
  return {
    k: fitted,
    x: (width - layout.width * fitted) / 2 - layout.left * fitted,
    y: (height - layout.height * fitted) / 2 - layout.top * fitted,
  };
}

/** How a layout is seen first: all of it where that can be read, else the root at the left. */
export function fitReadably(layout: GraphLayout, box: Box): Viewport {
  const whole = fitInto(layout, box);
  const [root] = layout.nodes;
  if (whole.k >= FAR_ZOOM || root === undefined) return whole;
  return { k: READABLE_ZOOM, x: 24, y: box.height / 2 - (root.y + NODE_HEIGHT / 2) * READABLE_ZOOM };
}
