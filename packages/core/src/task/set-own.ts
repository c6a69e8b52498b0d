/** Writes to objects whose keys come from outside. */
import type { Json } from '@coppice/extension';

/** Sets a property of the object itself, whatever its key: a plain assignment of `__proto__` would be lost. */
export function setOwn(into: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  } else into[key] = value;
}
