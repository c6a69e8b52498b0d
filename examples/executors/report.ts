import type { ExecutorContext } from '@coppice/extension';

export async function summarize({ top }: { top: number }, ctx: ExecutorContext) {
  ctx.progress(0.5, 'sorting');
  const names = Object.keys(ctx.dependencies).slice(0, top);
  return { names, count: names.length };
}
