/** Turns the value that an executor returned into the outcome that is stored. */
import {
  isCut,
  isOutcome,
  TerminalError,
  type CompletedOutcome,
  type CutPart,
  type Executor,
  type JsonObject,
} from '@coppice/core';
import { copyJson } from '../json-copy.ts';
import type { Secrets } from '../secrets.ts';

/** Returns output and port. Throws a TerminalError for a value that is no JSON, and for a port that the executor does not declare. */
export function toOutcome(executor: Executor, returned: unknown, secrets: OutputSecrets): CompletedOutcome {
  if (!isOutcome(returned)) return concealed(executor, returned, secrets);
  const { output, port, cut, patch } = returned;
  if (cut !== undefined && !isCut(cut)) {
    throw invalidOutput(`Executor ${executor.type} told what is missing of its output in a form that nobody knows`);
  }
  checkPort(executor, port);
  const outcome = concealed(executor, output, secrets);
  if (port !== undefined) outcome.port = secrets.redact === undefined ? port : secrets.redact(port);
  if (cut !== undefined && cut.length > 0) {
    outcome.cut = copyJson(cut, secrets.redact) as unknown as readonly CutPart[];
  }
  if (patch !== undefined) outcome.patch = patchOf(executor, patch, secrets);
  return outcome;
}

/** What the executor writes to variables. Everybody may read those, so they hold no secrets. */
function patchOf({ type }: Executor, patch: unknown, secrets: OutputSecrets): JsonObject {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    throw invalidOutput(`Executor ${type} returned a patch that is no map of variables`);
  let concealed: ReturnType<OutputSecrets['conceal']>;
  try {
    concealed = secrets.conceal(patch);
  } catch (error) {
    throw invalidOutput(`Executor ${type} returned a patch that can not be stored: ${(error as Error).message}`, error);
  }
  if (concealed.secrets === undefined) return concealed.value as JsonObject;
  throw new TerminalError(
    `Executor ${type} writes the secret ${concealed.secrets[0]?.name} to a variable, which everybody may read; hand it on as output`,
    { code: 'variables/secret' },
  );
}

type OutputSecrets = Pick<Secrets, 'conceal' | 'redact'>;

type Outcome = { -readonly [Field in keyof CompletedOutcome]: CompletedOutcome[Field] };

function concealed(executor: Executor, output: unknown, { conceal }: OutputSecrets): Outcome {
  try {
    const { value, secrets } = conceal(output);
    return secrets === undefined ? { output: value } : { output: value, secrets };
  } catch (error) {
    throw invalidOutput(
      `Executor ${executor.type} returned an output that can not be stored: ${(error as Error).message}`,
      error,
    );
  }
}

function checkPort({ type, ports }: Executor, port: unknown): void {
  if (port === undefined) return;
  if (typeof port !== 'string' || !port.isWellFormed()) {
    throw invalidOutput(`Executor ${type} ended on the port ${JSON.stringify(port)}, which is not well-formed text`);
  }
  if (ports !== 'dynamic' && ports?.includes(port) !== true) {
    throw new TerminalError(
      `Executor ${type} ended on port "${port}", which it does not declare (${ports?.join(', ') || 'it has no ports'})`,
      { code: 'executor/unknown-port' },
    );
  }
}

function invalidOutput(message: string, cause?: unknown): TerminalError {
  return new TerminalError(message, { code: 'executor/invalid-output', cause });
}
