/** The layout of flows off the page's own thread. One question at a time; answers come in the same order. */
import { FlowLayout } from './flow-layout.ts';
import type { FlowProblem } from './flow-problem.ts';

const layout = new FlowLayout();

self.addEventListener('message', ({ data }: MessageEvent<FlowProblem>) => {
  self.postMessage(layout.place(data));
});
