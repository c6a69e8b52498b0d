/** The pictures that are in the document: of the tasks that can be seen, each made once and changed where it differs. */
export class PictureSet<P extends { readonly element: Element }> {
  readonly #make: (id: string) => P;
  readonly #byId = new Map<string, P>();

  constructor(make: (id: string) => P) {
    this.#make = make;
  }

  get(id: string): P | undefined {
    return this.#byId.get(id);
  }

  /** Ids of the tasks that have a picture. */
  ids(): Iterable<string> {
    return this.#byId.keys();
  }

  /** The picture of a task; a new one is put at the end of `into`. */
  provide(id: string, into: ParentNode): P {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const picture = this.#make(id);
    this.#byId.set(id, picture);
    into.append(picture.element);
    return picture;
  }

  /** Takes out the pictures of all other tasks. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const [id, { element }] of this.#byId) {
      if (ids.has(id)) continue;
      element.remove();
      this.#byId.delete(id);
    }
  }
}
