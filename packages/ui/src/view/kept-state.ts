/** What pictures keep over a reload: places and looks, never data. Whatever was stored is checked before it is used. */
import type { GraphLook } from '../view-channel.ts';
import type { Viewport } from './graph-canvas.ts';

export interface KeptGraph {
  readonly treeId: string;
  /** undefined: fitted into the window. */
  readonly viewport?: Viewport | undefined;
  readonly collapsed: readonly string[];
}

/** Which picture was chosen last, whatever the tree. */
export function keptLook(state: unknown): GraphLook {
  const look = typeof state === 'object' && state !== null ? (state as { readonly look?: unknown }).look : undefined;
  return look === 'tree' ? 'tree' : 'flow';
}

export function isKeptGraph(state: unknown): state is KeptGraph {
  if (typeof state !== 'object' || state === null) return false;
  const { treeId, viewport, collapsed } = state as Partial<KeptGraph>;
  const isPlace = viewport === undefined || typeof (viewport as Partial<Viewport> | null)?.k === 'number';
  return typeof treeId === 'string' && isPlace && Array.isArray(collapsed);
}

export interface KeptTimeline {
  readonly treeId: string;
  readonly folded: readonly string[];
  readonly hasPath: boolean;
}

export function isKeptTimeline(state: unknown): state is KeptTimeline {
  if (typeof state !== 'object' || state === null) return false;
  const { treeId, folded, hasPath } = state as Partial<KeptTimeline>;
  return typeof treeId === 'string' && Array.isArray(folded) && typeof hasPath === 'boolean';
}
