/**
 * Cut outputs: a part of the output is missing, because it was longer than a limit. A cut value looks like a whole one, so every reader
 * must be told.
 */
import type { CutPart, Json, JsonObject } from '@coppice/extension';

/** Most cut parts of one output that are listed. */
const PARTS_MAX = 100;

/** True for a valid list of cut parts. Executors may be written without types, so the list is checked. */
export function isCut(value: unknown): value is readonly CutPart[] {
  return Array.isArray(value) && value.length <= PARTS_MAX && value.every(isCutPart);
}

function isCutPart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { path, kept, keptBytes, totalBytes, advice, asked } = value as Record<string, unknown>;
  const isCount = (bytes: unknown): boolean => Number.isSafeInteger(bytes) && (bytes as number) >= 0;
  return (
    Array.isArray(path) &&
    path.every((step) => typeof step === 'string' || Number.isSafeInteger(step)) &&
    (kept === 'head' || kept === 'tail') &&
    isCount(keptBytes) &&
    isCount(totalBytes) &&
    (advice === undefined || typeof advice === 'string') &&
    (asked === undefined || typeof asked === 'boolean')
  );
}

/** Sets an output in the scope of an expression. Reading a cut part throws an Error that says what is missing and what to do. */
export function setReadable(
  into: Record<string, Json>,
  key: string,
  { output, cut, name }: { readonly output: Json; readonly cut: readonly CutPart[] | undefined; readonly name: string },
): void {
  let scope: object = Object.defineProperty({}, key, {
    value: output,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  for (const part of cut ?? [])
    if (part.asked !== true) scope = guarded(scope, [key, ...part.path], () => refuse(part, name));
  Object.defineProperty(into, key, Object.getOwnPropertyDescriptor(scope, key) as PropertyDescriptor);
}

/** The values that a copy of a repetition reads. Reading what is missing of the former copy's output throws an Error. */
export function readableGiven({
  values,
  cut,
}: {
  readonly values: JsonObject;
  readonly cut?: readonly CutPart[] | undefined;
}): JsonObject {
  if (cut === undefined) return values;
  const readable: Record<string, Json> = { ...values };
  const within = cut.map((part) => ({ ...part, path: ['output', ...part.path] }));
  setReadable(readable, 'last', { output: values['last'] ?? null, cut: within, name: 'the former copy' });
  return readable;
}

/** Copies the objects along the path. The property at the end of the path throws when it is read. */
function guarded(value: object, path: readonly (string | number)[], fail: () => never): object {
  const [step, ...rest] = path;
  const descriptor = step === undefined ? undefined : Object.getOwnPropertyDescriptor(value, step);
  const below = descriptor?.value as unknown;
  if (step === undefined || descriptor === undefined) return value;
  if (rest.length > 0 && (typeof below !== 'object' || below === null)) return value;
  const copy: object = Object.defineProperties(Array.isArray(value) ? [] : {}, Object.getOwnPropertyDescriptors(value));
  const replacement =
    rest.length === 0
      ? { get: fail, enumerable: true, configurable: true }
      : { ...descriptor, value: guarded(below as JsonObject, rest, fail) };
  return Object.defineProperty(copy, step, replacement);
}

function refuse(part: CutPart, name: string): never {
  const { path, kept, keptBytes, totalBytes, advice } = part;
  const what = path.length === 0 ? `the output of ${name}` : `${path.join('.')} of ${name}`;
  const end = kept === 'tail' ? 'last' : 'first';
  throw new Error(
    `${what} was cut: only the ${end} ${keptBytes} of ${totalBytes} bytes are there${advice === undefined ? '' : `. ${advice}`}`,
  );
}
