/** Counts what was sent and answered, and keeps what should not have happened. */
export class Tally {
  requests = 0;
  /** Answers by what they are: `result`, `silence`, `closed`, or the number of an error. */
  readonly answers = new Map<string, number>();
  /** Each is one sentence; the first ones of each wave are enough to find the cause. */
  readonly complaints: string[] = [];

  count(kind: string): void {
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
  }

  complain(text: string): void {
    if (this.complaints.length < COMPLAINTS_MAX) this.complaints.push(text);
  }

  /** Looks at the text of an answer to one message or batch. */
  answer(text: string, sent: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      this.complain(`The answer to ${shorten(sent)} is not JSON: ${shorten(text)}`);
      return;
    }
    for (const one of [parsed].flat() as Partial<Answer>[]) this.#answerOne(one, sent);
  }

  #answerOne(answer: Partial<Answer>, sent: string): void {
    const isResponse = answer.jsonrpc === '2.0' && 'error' in answer !== 'result' in answer;
    if (!isResponse) this.complain(`The answer to ${shorten(sent)} is no response: ${shorten(JSON.stringify(answer))}`);
    const code = answer.error?.code;
    this.count(code === undefined ? 'result' : String(code));
    if (code === INTERNAL) this.complain(`A caller's fault was answered as ours, ${INTERNAL}: ${shorten(sent)}`);
  }
}

interface Answer {
  readonly jsonrpc: string;
  readonly result: unknown;
  readonly error: { readonly code: number };
}

const COMPLAINTS_MAX = 20;
const INTERNAL = -32_603;

function shorten(text: string): string {
  return text.length <= 600 ? text : `${text.slice(0, 600)}… (${text.length} characters)`;
}
