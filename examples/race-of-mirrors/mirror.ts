import { setTimeout as after } from 'node:timers/promises';

interface Mirror {
  readonly name: string;
  /** How long it takes to answer, ms. */
  readonly ms: number;
  readonly isDown?: boolean;
}

/** Stands for a download; stops when the race is lost. */
export async function download(
  { name, ms, isDown }: Mirror,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly from: string }> {
  if (isDown === true) throw new Error(`${name} does not answer`);
  await after(ms, undefined, { signal });
  return { from: name };
}
