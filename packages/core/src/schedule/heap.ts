/** A binary min-heap. Push and pop are O(log n); equal items leave in no defined order, so give `isBefore` a total order. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The smallest item. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = items[up] as T;
      if (!this.#isBefore(item, above)) break;
      items[at] = above;
      at = up;
    }
    items[at] = item;
  }

  /** Removes and returns the smallest item. */
  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return top;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && this.#isBefore(items[down + 1] as T, items[down] as T)) down++;
      const below = items[down] as T;
      if (!this.#isBefore(below, last)) break;
      items[at] = below;
      at = down;
    }
    items[at] = last;
    return top;
  }

  clear(): void {
    this.#items.length = 0;
  }

  /** All items, in no particular order. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
