/** Places in definition files, and where the parts of a submission come from. */
import type { FilePath } from './definition-source.ts';

/** A place in one of the files that a definition is made of. `file`: relative to the folder of the outermost one. */
export interface Place {
  readonly file: string;
  readonly path: FilePath;
}

/** A place below another one. */
export function below({ file, path }: Place, ...more: FilePath): Place {
  return { file, path: [...path, ...more] };
}

/** Places by path into the params; the longest known prefix of a path decides. */
export class Origins {
  readonly #places = new Map<string, Place>();
  readonly #outermost: string;

  constructor(outermost: string) {
    this.#outermost = outermost;
  }

  set(to: FilePath, from: Place): void {
    this.#places.set(JSON.stringify(to), from);
  }

  of(path: FilePath): Place {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (origin !== undefined) return below(origin, ...path.slice(length));
    }
    return { file: this.#outermost, path };
  }
}
