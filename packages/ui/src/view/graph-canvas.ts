/** The graph from far: boxes in the colour of their status. Draws the whole on the minimap, and the graph itself when text would be too small. */
import type { GraphLayout, GraphNode } from '../model/graph-model.ts';
import type { TaskStatus } from '@coppice/protocol';

/** Graph coordinates to pixels: `x * k + dx`. */
export interface Viewport {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}

/** Below this zoom text can not be read: the canvas draws. */
export const FAR_ZOOM = 0.35;
/** Below this zoom lines are a haze, and cost more than all boxes. */
const LINES_ZOOM_MIN = 0.12;
const READABLE_ZOOM = 0.8;
/** Below this zoom a flow, whose boxes are told by their names, is not seen first. */
const FLOW_ZOOM_MIN = 0.5;

export type StatusColours = Readonly<Record<TaskStatus | 'line' | 'arrow' | 'selection', string>>;

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
  const colours: Partial<Record<TaskStatus | 'line' | 'arrow' | 'selection', string>> = {
    line: read('line'),
    arrow: read('arrow'),
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
  /** Lines to draw below the boxes; the minimap has none. */
  readonly lines: Path2D | undefined;
}

/** Draws into the whole canvas, for screens of any density. */
export function drawFar(canvas: HTMLCanvasElement, picture: FarPicture): void {
  const context = prepare(canvas);
  if (context === null) return;
  const { layout, viewport, colours, lines } = picture;
  const { k, x, y } = viewport;
  drawFrames(context, picture);
  if (lines !== undefined && k >= LINES_ZOOM_MIN) {
    context.save();
    context.translate(x, y);
    context.scale(k, k);
    context.strokeStyle = layout.look === 'flow' ? colours.arrow : colours.line;
    context.lineWidth = 0.8 / k;
    context.stroke(lines);
    context.restore();
  }
  for (const node of layout.nodes) {
    if (node.isFrame) continue;
    context.fillStyle = colours[node.task.status];
    context.fillRect(node.x * k + x, node.y * k + y, Math.max(2, node.width * k), Math.max(1.5, node.height * k));
  }
  const selected = picture.selectedId === undefined ? undefined : layout.byId.get(picture.selectedId);
  if (selected === undefined) return;
  context.strokeStyle = colours.selection;
  context.lineWidth = 2;
  const { width, height } = selected;
  context.strokeRect(selected.x * k + x - 2, selected.y * k + y - 2, width * k + 4, height * k + 4);
}

/** A frame is told from what is in it by its outline. All of a status are drawn at once: there may be thousands. */
function drawFrames(context: CanvasRenderingContext2D, { layout, viewport, colours }: FarPicture): void {
  const { k, x, y } = viewport;
  const outlines = new Map<TaskStatus, Path2D>();
  const ground = new Path2D();
  for (const node of layout.nodes) {
    if (!node.isFrame) continue;
    const place = [node.x * k + x, node.y * k + y, node.width * k, node.height * k] as const;
    const { status } = node.task;
    const outline = outlines.get(status) ?? new Path2D();
    outlines.set(status, outline);
    outline.rect(...place);
    ground.rect(...place);
  }
  context.globalAlpha = 0.12;
  context.fillStyle = colours.line;
  context.fill(ground);
  context.globalAlpha = 1;
  context.lineWidth = 1;
  for (const [status, outline] of outlines) {
    context.strokeStyle = colours[status];
    context.stroke(outline);
  }
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

/** How a layout is seen first: all of it where that can be read, else its beginning: of a flow the upper left corner, of a tree the root. */
export function fitReadably(layout: GraphLayout, box: Box): Viewport {
  const whole = fitInto(layout, box);
  const [root] = layout.nodes;
  if (whole.k >= (layout.look === 'flow' ? FLOW_ZOOM_MIN : FAR_ZOOM) || root === undefined) return whole;
  if (layout.look === 'flow') return beginning(layout, box);
  return { k: READABLE_ZOOM, x: 24, y: box.height / 2 - (root.y + root.height / 2) * READABLE_ZOOM };
}

/** The first box at the left in the middle; nothing empty above the flow, or above and below one that is lower than the window. */
function beginning(layout: GraphLayout, box: Box): Viewport {
  const k = READABLE_ZOOM;
  const first = layout.nodes.reduce<GraphNode | undefined>(
    (best, node) => (node.isFrame || (best !== undefined && best.x <= node.x) ? best : node),
    undefined,
  );
  const middle = first === undefined ? 0 : first.y + first.height / 2;
  const isLow = layout.height * k + 2 * box.margin <= box.height;
  const y = isLow
    ? (box.height - layout.height * k) / 2 - layout.top * k
    : Math.min(box.margin - layout.top * k, box.height / 2 - middle * k);
  return { k, x: box.margin - layout.left * k, y };
}
