/** Writes to objects whose keys come from outside. */
import type { Json } from '@coppice/extension';

/** Sets an own property of the object, whatever its key is. A plain assignment to `__proto__` would set no property. */
export function setOwn(into: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  } else into[key] = value;
}
