/**
 * The error table: one row per kind of refusal, code and number one to one.
 * The first five rows are JSON-RPC's own; the rest are Coppice's. Nothing else may appear in an answer's `error.code`.
 */

interface ErrorRow {
  /** `error.code` of the JSON-RPC answer. */
  readonly number: number;
  /** When it is given, for people. */
  readonly meaning: string;
}

/** Every error by its `data.code`. */
export const ERRORS = {
  'rpc/parse': { number: -32700, meaning: 'The body is not JSON.' },
  'rpc/invalid-request': { number: -32600, meaning: 'The JSON is not a JSON-RPC 2.0 request or batch.' },
  'rpc/unknown-method': {
    number: -32601,
    meaning: 'No method has this name; `data.suggestion` names the nearest one.',
  },
  'rpc/invalid-params': {
    number: -32602,
    meaning: 'The params violate the schema of the method; `data.errors` lists all violations.',
  },
  'rpc/internal': { number: -32603, meaning: 'A fault of the server; `data.logId` finds the line in its log.' },
  'task/not-found': { number: -32001, meaning: 'Unknown task, tree, schedule or checkpoint.' },
  'tree/cycle': { number: -32002, meaning: 'Dependency or parent cycle; `data.path` names it in order.' },
  'executor/not-found': { number: -32003, meaning: 'A task names an executor nobody contributed.' },
  'auth/unauthorized': { number: -32004, meaning: 'Missing, bad or insufficient credentials.' },
  'task/invalid-inputs': {
    number: -32005,
    meaning: "Inputs violate the executor's schema, or a signal or an answer what its wait takes.",
  },
  'task/invalid-transition': {
    number: -32006,
    meaning: 'The status does not allow it, e.g. cancelling a completed task; `data.hint` says what does.',
  },
  'task/dependencies-unsatisfied': {
    number: -32007,
    meaning: 'Executing a task whose required dependencies can not be met.',
  },
  'run/already-running': { number: -32008, meaning: 'The run is active already.' },
  'task/cannot-delete': {
    number: -32009,
    meaning: 'It has begun and its run has not ended, or others depend on it; all reasons are listed.',
  },
  'tree/invalid-parent': {
    number: -32010,
    meaning: 'Unknown parent, self parent, several roots, no root, or unreachable tasks.',
  },
  'tree/invalid-dependency': { number: -32011, meaning: 'Unknown, ambiguous or malformed reference.' },
  'tree/invalid': {
    number: -32012,
    meaning:
      'Any other refusal of a tree or selection: duplicate id, empty list, missing dependents, undeclared port, bad policy.',
  },
  'limit/refused': {
    number: -32013,
    meaning: 'A limit on body, depth, task count, batch or submissions; `data.retryAfterMs` says when to try again.',
  },
  'replay/mismatch': {
    number: -32014,
    meaning: 'A strict replay differs: task, attempt, key, expected and actual hash.',
  },
  'storage/unreadable': {
    number: -32015,
    meaning: 'The log of the run can not be read or continued; the run is set aside, all others go on.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

/** A row of the error table by name: what `error.data.code` holds. */
export type ErrorCode = keyof typeof ERRORS;

/** Every code, in the order of the table. */
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

const codeByNumber = new Map<number, ErrorCode>(ERROR_CODES.map((code) => [ERRORS[code].number, code]));

/** The JSON-RPC number of a code. */
export function errorNumber(code: ErrorCode): number {
  return ERRORS[code].number;
}

/** The code of a JSON-RPC number; undefined for a number outside the table. */
export function findErrorCode(number: number): ErrorCode | undefined {
  return codeByNumber.get(number);
}
