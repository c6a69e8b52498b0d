/** Messages that were valid once: JSON values with members replaced, dropped, doubled or renamed, and texts with places cut. */
import * as fc from 'fast-check';

type Value = fc.JsonValue;

/** One change of a JSON value: the `at`-th place in it (in reading order) is replaced, dropped, renamed, doubled, or gets another value of its kind. */
type Edit = { readonly at: number } & (
  | { readonly kind: 'replace'; readonly by: Value }
  | { readonly kind: 'drop' | 'double' }
  | { readonly kind: 'rename'; readonly to: string }
  | { readonly kind: 'twist'; readonly text: string; readonly number: number }
);

const twist = fc.record({
  kind: fc.constant('twist' as const),
  at: fc.nat(40),
  text: fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('known', 'pending', 'root', 'echo', '${{ x', ''),
  ),
  number: fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -1, 1, 1e15, 1e21),
  ),
});

const edit: fc.Arbitrary<Edit> = fc.oneof(
  twist,
  twist,
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(40), by: fc.jsonValue({ maxDepth: 3 }) }),
  fc.record({ kind: fc.constantFrom('drop' as const, 'double' as const), at: fc.nat(40) }),
  fc.record({ kind: fc.constant('rename' as const), at: fc.nat(40), to: fc.string() }),
);

interface Place {
  readonly holder: Record<string, Value> | Value[];
  readonly key: string;
}

function applyEdit(value: Value, change: Edit): Value {
  const copy = structuredClone<{ value: Value }>({ value });
  const places: Place[] = [];
  const visit = (holder: Place['holder']): void => {
    for (const [key, inner] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof inner === 'object' && inner !== null) visit(inner as Place['holder']);
    }
  };
  visit(copy);
  changePlace(places[change.at % places.length] as Place, change);
  return copy.value ?? null;
}

function changePlace({ holder, key }: Place, change: Edit): void {
  const target = holder as Record<string, Value>;
  const inner = target[key] as Value;
  if (change.kind === 'replace') target[key] = change.by;
  else if (change.kind === 'twist') target[key] = twisted(inner, change);
  else if (Array.isArray(holder))
    holder.splice(Number(key), change.kind === 'drop' ? 1 : 0, ...(change.kind === 'double' ? [inner] : []));
  else if (change.kind === 'double') target[key] = [inner, inner];
  else {
    delete target[key];
    if (change.kind === 'rename') target[change.to] = inner;
  }
}

function twisted(value: Value, { text, number }: { readonly text: string; readonly number: number }): Value {
  if (typeof value === 'string') return text;
  if (typeof value === 'number') return number;
  return typeof value === 'boolean' ? !value : Array.isArray(value) ? [] : {};
}

interface TextChange {
  readonly at: number;
  readonly length: number;
  readonly put: string;
}

/** One change of the text: something is cut out at a place between 0 and 1, and something is put in. */
const cut: fc.Arbitrary<TextChange> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(5),
  put: fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '1e999', '-'),
  ),
});

function applyCut(text: string, { at, length, put }: TextChange): string {
  const place = Math.floor(at * text.length);
  return text.slice(0, place) + put + text.slice(place + length);
}

/** Texts made from valid messages: up to three edits each; a third of them also has up to two cuts. */
export function mutatedMessages(valid: readonly Value[]): fc.Arbitrary<string> {
  return fc
    .record({
      base: fc.constantFrom(...valid),
      edits: fc.array(edit, { maxLength: 3 }),
      cuts: fc.oneof(fc.array(cut, { maxLength: 0 }), fc.array(cut, { maxLength: 0 }), fc.array(cut, { maxLength: 2 })),
    })
    .map(({ base, edits, cuts }) => cuts.reduce(applyCut, JSON.stringify(edits.reduce(applyEdit, base))));
}
