import { outcome } from '@coppice/extension';

type Order = { readonly id: number; readonly amount: number | null };

/** Stands for a query of one source. */
export function extract({ orders }: { readonly orders: readonly Order[] }): { readonly orders: readonly Order[] } {
  return { orders };
}

/** Keeps the sound orders, and writes to variables how many it has seen and what was wrong. */
export function clean({ orders }: { readonly orders: readonly Order[] }): unknown {
  const sound = orders.filter(({ amount }) => amount !== null);
  const faults = orders.filter(({ amount }) => amount === null).map(({ id }) => `order ${id} has no amount`);
  return outcome({ output: { orders: sound }, patch: { seen: orders.length, faults } });
}
