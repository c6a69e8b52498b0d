/** A shop whose shelves, bank and carrier are only pretended. */
import { setTimeout as wait } from 'node:timers/promises';

export const reserve = ({ article }: { article: string }) => ({ reservation: `R-${article}` });

export const release = ({ reservation }: { reservation: string }) => ({ released: reservation });

export const pay = ({ amount }: { amount: number }) => ({ payment: `P-${amount}` });

let isBankAwake = false;

/** The bank answers the second time. It knows a refund that comes twice by its key. */
export async function refund(
  { payment, because }: { payment: string; because: string },
  { idempotencyKey }: { readonly idempotencyKey: string },
) {
  await wait(10);
  const isFirst = !isBankAwake;
  isBankAwake = true;
  if (isFirst) throw new Error('the bank does not answer');
  return { refunded: payment, because, key: idempotencyKey.split('/').at(-1) };
}

export function ship({ address }: { address: string }) {
  if (address === 'nowhere') throw new Error('No carrier goes to nowhere');
  return { parcel: 7 };
}
