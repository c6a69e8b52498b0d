/**
 * A map whose entries come and go by the thousand. The engine of the language replaces the table of a Map now and then, and links the
 * former table, with all that was in it, to its successor: once one of them is old, whatever passes through the map later looks alive to
 * the collector of young objects and is copied, until the next full collection (docs/decisions/0098). Here such a table holds an
 * emptied box instead.
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
