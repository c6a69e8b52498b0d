/**
 * A map whose entries come and go by the thousand. V8 sometimes replaces the table of a Map, and links the former table, with its entries,
 * to the new one. When a former table is old, the collector of young objects takes its entries for alive and copies them until the next
 * full collection (docs/decisions/0098). In this map a former table holds only an emptied box for each entry.
 */
export class ShortLivedMap<Key, Value> {
  readonly #boxes = new Map<Key, { value: Value | undefined }>();

  get(key: Key): Value | undefined {
    return this.#boxes.get(key)?.value;
  }

  /** The key goes to the end of the order, unless it is there already. */
  set(key: Key, value: Value): void {
    const box = this.#boxes.get(key);
    if (box === undefined) this.#boxes.set(key, { value });
    else box.value = value;
  }

  delete(key: Key): void {
    const box = this.#boxes.get(key);
    if (box === undefined) return;
    box.value = undefined;
    this.#boxes.delete(key);
  }

  /** In the order in which their keys were added; the map may change meanwhile. */
  *values(): Generator<Value> {
    for (const { value } of this.#boxes.values()) yield value as Value;
  }
}
