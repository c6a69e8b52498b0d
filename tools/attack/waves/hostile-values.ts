/** Hostile texts in every place of a message that holds a text: keys and values alike. */
import { hostileTexts } from '@coppice/testkit/hostile';
import * as fc from 'fast-check';
import { forEach, poster, sample, VALID_MESSAGES, type Wave } from '../wave.ts';

type Value = fc.JsonValue;

/** What makes a message a request; changing it is the job of other waves. */
const FRAME = ['jsonrpc', 'id', 'method'];

interface Change {
  readonly message: Value;
  readonly at: number;
  readonly text: string;
  readonly isKey: boolean;
}

export const hostileValues: Wave = {
  name: 'hostile values',
  share: 0.16,
  async run(attack) {
    const change: fc.Arbitrary<Change> = fc.record({
      message: fc.constantFrom(...VALID_MESSAGES),
      at: fc.nat(60),
      text: hostileTexts(),
      isKey: fc.boolean(),
    });
    await forEach(sample(change, attack).map(toText), poster(attack));
  },
};

function toText({ message, at, text, isKey }: Change): string {
  const { params, ...frame } = structuredClone(message) as Record<string, Value>;
  const holder = { params: params ?? {} };
  const places: { readonly holder: Record<string, Value>; readonly key: string }[] = [];
  collect(holder, places);
  const place = places[at % places.length];
  if (place !== undefined) {
    const { [place.key]: value } = place.holder;
    if (isKey) put(place.holder, text, value as Value);
    else place.holder[place.key] = text;
  }
  return JSON.stringify({ ...frame, ...holder });
}

/** An own member also where its name is one that objects inherit. */
function put(target: Record<string, Value>, key: string, value: Value): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function collect(value: Value, places: { readonly holder: Record<string, Value>; readonly key: string }[]): void {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, Value>;
  for (const [key, inner] of Object.entries(holder)) {
    if (typeof inner === 'string' && !FRAME.includes(key)) places.push({ holder, key });
    collect(inner, places);
  }
}
