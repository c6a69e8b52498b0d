/** Text to JSON, with a limit on depth and no way to reach a prototype. */
import secureJson from 'secure-json-parse';
import type { Refusal } from './answer.ts';
import { refuse } from './answer.ts';

export type Parsed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly rejection: Refusal };

/** Parses a message. `depthMax`: levels of arrays and objects. */
export function parseMessage(text: string, depthMax: number): Parsed {
  if (isDeeperThan(text, depthMax)) {
    return refuse('limit/refused', `The message nests deeper than ${depthMax} levels.`, { data: { limit: depthMax } });
  }
  try {
    return {
      ok: true,
      value: secureJson.parse(text, undefined, { protoAction: 'error', constructorAction: 'ignore' }),
    };
  } catch {
    return isJson(text)
      ? refuse('rpc/invalid-request', 'The message holds the key "__proto__", which is not allowed.')
      : refuse('rpc/parse', 'The message is not JSON.');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Counts brackets outside of strings; of text that is no JSON only a bound matters. */
function isDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return false;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
