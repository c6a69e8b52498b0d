/** Stands for a service that takes a while: it is ready when it is asked for the third time. */
export function ask({ time }: { readonly time: number }) {
  const isReady = time >= 2;
  return { isReady, address: isReady ? '127.0.0.1:9999' : null };
}
