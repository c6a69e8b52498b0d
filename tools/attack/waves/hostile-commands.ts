/** What `executor: command` meets: floods of output, children that stay, programs that ignore signals. By the owner: nobody else may run programs. */
import { readdir, readFile } from 'node:fs/promises';
import { forEach, poster, requestText, type Attack, type Wave } from '../wave.ts';

const TIMEOUT_MS = 1_000;
/** Time-outs differ, as they do anywhere: what one attempt has printed is dealt with before the next one ends. */
const TIMEOUT_STEP_MS = 100;
const GRACE_MS = 200;
/** An argument of `sleep` by which the processes of this wave are known. */
const SLEEP = `86${process.pid}`;

const SCRIPTS: readonly string[] = [
  'yes',
  'yes >&2',
  'cat /dev/zero',
  'cat /dev/urandom',
  'head -c 200000000 /dev/zero',
  'head -c 20000000 /dev/zero | tr "\\0" "\\n"',
  `trap "" TERM INT HUP; sleep ${SLEEP}; sleep ${SLEEP}`,
  `for i in $(seq 50); do sleep ${SLEEP} & done; wait`,
  `for i in $(seq 50); do sleep ${SLEEP} & done; echo started`,
  `(trap "" TERM; sleep ${SLEEP}) & exit 3`,
  `exec >&- 2>&-; sleep ${SLEEP}`,
  'kill -9 $$',
  'kill -STOP $$',
  'printf "\\033]0;owned\\007\\033[2J"; exit 1',
  'printf "\\355\\240\\200"',
  'exit 255',
];

export const hostileCommands: Wave = {
  name: 'hostile commands',
  share: 0.01,
  async run(attack) {
    const post = poster(attack, 'owner');
    const inputsOf = (command: string): object => ({ command, shell: true, killGraceMs: GRACE_MS });
    await forEach(SCRIPTS.entries(), ([index, script]) => post(execute(inputsOf(script), index)), 4);
    await post(execute({ command: '/nowhere/at/all' }));
    await post(execute({ command: '/etc/passwd' }));
    await post(execute({ command: 'true', stdin: 'x'.repeat(5_000_000) }));
    const left = await countSleepers();
    if (left > 0) attack.tally.complain(`${left} processes are left`);
    await expectForbidden(attack);
  },
};

function execute(inputs: object, index = 0): string {
  const policies = { timeoutMs: TIMEOUT_MS + index * TIMEOUT_STEP_MS, retry: { maxAttempts: 1 } };
  const tasks = [{ name: 'command', executor: 'command', inputs, policies }];
  return requestText('tasks.execute', { tasks, wait: true });
}

/** Processes of this wave that still run. Where there is no /proc, none is seen. */
async function countSleepers(): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line === `sleep\0${SLEEP}\0`).length;
}

/** The attacker may not run programs at all. */
async function expectForbidden({ victim, tally }: Attack): Promise<void> {
  tally.requests += 1;
  const tasks = [{ name: 'command', executor: 'command', inputs: { command: 'true' } }];
  const answer = await victim.call('mallory', 'tasks.execute', { tasks, wait: true }).catch((error: Error) => error);
  if (!(answer instanceof Error) || !answer.message.includes('-32004')) {
    tally.complain(`A user ran a program: ${JSON.stringify(answer)}`);
  }
}
