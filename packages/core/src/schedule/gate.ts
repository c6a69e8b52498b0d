/** One gate as admission keeps it: its places, who stands at it, and which classes want it at all. */
import type { Line, Standing } from './line.ts';

export interface Gate<L extends Standing> {
  readonly name: string;
  readonly limit: number;
  used: number;
  /** Lanes called back for a freed place that have not been looked at yet. */
  called: number;
  /** Made when the first has to wait. */
  waiting: Line<L> | undefined;
  /** Lanes with ready tasks that need it, by class: wherever they stand. */
  readonly wanted: number[];
}

export function newGate<L extends Standing>(name: string, limit: number): Gate<L> {
  return { name, limit, used: 0, called: 0, waiting: undefined, wanted: noneWanted() };
}

/** No lane of any class. */
export function noneWanted(): number[] {
  return [0, 0, 0, 0];
}

/** A lane of a class wants the gate, or does not any more. A class of which none is left has no share in its line. */
export function changeWanted<L extends Standing>(gate: Gate<L>, rank: number, by: 1 | -1): void {
  const count = (gate.wanted[rank] as number) + by;
  gate.wanted[rank] = count;
  if (count === 0) gate.waiting?.forget(rank);
}

export function isFull(gate: { readonly used: number; readonly limit: number } | undefined): boolean {
  return gate !== undefined && gate.used >= gate.limit;
}
