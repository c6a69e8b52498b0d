/** Events and progress as JSON text, made once however many subscribers they go to. */
import type { RunEvent, TreeId } from '@coppice/core';
import type { RunProgress } from '@coppice/engine';
import { eventToWire } from './event-to-wire.ts';
import { progressToWire } from './observation-to-wire.ts';

/** Subscribers are given the same objects, which nobody changes; the texts are dropped with them. */
const eventTexts = new WeakMap<RunEvent, string>();
const progressTexts = new WeakMap<RunProgress, string>();

export function eventText(treeId: TreeId, event: RunEvent): string {
  let text = eventTexts.get(event);
  if (text === undefined) {
    text = JSON.stringify(eventToWire(treeId, event));
    eventTexts.set(event, text);
  }
  return text;
}

export function progressText(progress: RunProgress): string {
  let text = progressTexts.get(progress);
  if (text === undefined) {
    text = JSON.stringify(progressToWire(progress));
    progressTexts.set(progress, text);
  }
  return text;
}
