/** Values that may come later: promises would be most of the cost of a small request, so what is there at once is no promise. */
export type Awaitable<Value> = Value | Promise<Value>;

/** What `change` makes of the value; `failed` answers a rejection. */
export function map<From, To>(
  value: Awaitable<From>,
  change: (value: From) => Awaitable<To>,
  failed?: (error: unknown) => To,
): Awaitable<To> {
  return value instanceof Promise ? value.then(change).catch(failed) : change(value);
}
