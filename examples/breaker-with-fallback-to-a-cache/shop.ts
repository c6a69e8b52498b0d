/** Stands for a price service that is down, and for a cache of what it said yesterday. */
export function askService({ product }: { readonly product: string }): never {
  throw new Error(`The price service does not answer, so nothing is known of ${product}`);
}

export function readCache({ product, because }: { readonly product: string; readonly because: string }) {
  return { product, price: product.length, from: 'cache', because };
}
