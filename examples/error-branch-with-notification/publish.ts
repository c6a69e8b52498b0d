/** Stands for an upload to a registry. */
export function publish({ version, answer }: { readonly version: string; readonly answer: string }): {
  version: string;
} {
  if (answer === 'ok') return { version };
  throw Object.assign(new Error(`The registry answers: ${answer}`), { code: `registry/${answer}` });
}
