/** Places on an axis of time: from ms to px, round marks, and the event at a place. */
import { durationText } from '@coppice/client';
import type { RunEvent } from '@coppice/protocol';
import { html } from './element.ts';

/** Distances between marks, ms: round for people. */
const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000, 172_800_000, 604_800_000,
];
const MARK_DISTANCE_MIN_PX = 80;

interface Mark {
  readonly offsetMs: number;
  readonly text: string;
}

/** Round times from the beginning, at least 80 px apart; between two places in ms. */
function marksOf(pxPerMs: number, fromMs: number, toMs: number): readonly Mark[] {
  const step = STEPS_MS.find((ms) => ms * pxPerMs >= MARK_DISTANCE_MIN_PX) ?? STEPS_MS[STEPS_MS.length - 1] ?? 1;
  const marks: Mark[] = [];
  for (let at = Math.max(0, Math.floor(fromMs / step)) * step; at <= toMs; at += step) {
    marks.push({ offsetMs: at, text: at === 0 ? '0' : durationText(at) });
  }
  return marks;
}

/** The marks as elements, each at its place. */
export function markElements(pxPerMs: number, fromMs: number, toMs: number): readonly HTMLElement[] {
  return marksOf(pxPerMs, fromMs, toMs).map(({ offsetMs, text }) => {
    const mark = html('span', { class: 'axis-mark' }, text);
    mark.style.left = `${offsetMs * pxPerMs}px`;
    return mark;
  });
}

/** What happened in an event, in words: `build: task started`. */
export function eventText(event: RunEvent, nameOf: (taskId: string) => string): string {
  const words = event.type.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return 'taskId' in event ? `${nameOf(event.taskId)}: ${words.toLowerCase()}` : words;
}
