/** JSON-RPC over the standard input and output of a child process, framed with Content-Length as editors do. Node only. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Message } from 'vscode-jsonrpc/node';
import { ConnectionError } from './client-error.ts';
import type { ConnectionState, Receiver, Transport } from './transport.ts';

export interface StdioTransportOptions {
  /** Default `coppice`. */
  readonly command?: string;
  /** Default `['serve', '--stdio']`. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long the process may take to end after its input was closed before it is killed, ms. Default 5000. */
  readonly closeGraceMs?: number;
}

/** Bytes of the process's error output that are kept to explain its end. */
const STDERR_MAX = 4096;
const CLOSE_GRACE_MS = 5000;

export function stdioTransport(options: StdioTransportOptions = {}): Transport {
  return new StdioTransport(options);
}

class StdioTransport implements Transport {
  state: ConnectionState = 'offline';
  problem: string | undefined;
  readonly pushes = true;
  readonly #options: StdioTransportOptions;
  #receiver: Receiver | undefined;
  #child: ChildProcessWithoutNullStreams | undefined;
  #writer: StreamMessageWriter | undefined;
  #stderr = '';

  constructor(options: StdioTransportOptions) {
    this.#options = options;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    const { command = 'coppice', args = ['serve', '--stdio'], cwd, env } = this.#options;
    const child = spawn(command, [...args], { cwd, env: env ?? process.env, stdio: 'pipe' });
    this.#child = child;
    const reader = new StreamMessageReader(child.stdout);
    this.#writer = new StreamMessageWriter(child.stdin);
    reader.onError((error) => this.#fail(`"${command}" wrote something that is no message: ${error.message}`));
    reader.listen((message) => this.#receiver?.message(message));
    this.#writer.onError(() => {
      // The process has ended; its exit says why.
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-STDERR_MAX);
    });
    child.once('error', (error) => this.#fail(`Can not start "${command}": ${error.message}`));
    child.once('close', (code, signal) => {
      const detail = this.#stderr.trim() === '' ? '' : `: ${this.#stderr.trim()}`;
      this.#fail(`"${command}" ended with ${signal ?? `exit code ${code ?? 0}`}${detail}`);
    });
    this.#change('live');
  }

  async send(message: unknown): Promise<void> {
    if (this.state !== 'live' || this.#writer === undefined) throw this.#end();
    // A process that can not be written to has ended, or is about to: its end rejects the request and says why.
    await this.#writer.write(message as Message).catch(() => undefined);
  }

  recover(): Promise<void> {
    return this.state === 'live' ? Promise.resolve() : Promise.reject(this.#end());
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (this.state !== 'failed') this.#change('offline');
    if (child === undefined || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.closeGraceMs ?? CLOSE_GRACE_MS);
      child.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      child.stdin.end();
    });
  }

  #fail(problem: string): void {
    if (this.state !== 'live') return;
    this.problem = problem;
    this.#change('failed');
  }

  #change(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.#receiver?.stateChanged(state);
  }

  #end(): ConnectionError {
    if (this.state === 'offline') return new ConnectionError('connection/closed', 'The client is closed.');
    return new ConnectionError('connection/failed', `${this.problem ?? 'The server has ended'}.`);
  }
}
