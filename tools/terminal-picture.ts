/**
 * Makes the picture of the README: runs `npm run demo` in a terminal and draws what is seen.
 *
 *     node tools/terminal-picture.ts docs/images/demo.svg
 *
 * Needs tmux, which is the terminal: it knows what stands on the screen after all that was printed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderSvg } from './terminal-picture/render-svg.ts';
import type { Frame } from './terminal-picture/render-svg.ts';

const COLUMNS = 88;
const ROWS = 42;
const FRAME_MS = 200;
const LAST_FRAME_MS = 6000;
/** Longer than the demo ever takes. */
const FRAMES_MAX = 200;
const ENDED = '[ended]';

const root = resolve(import.meta.dirname, '..');
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to write: node tools/terminal-picture.ts docs/images/demo.svg');

const dataDir = mkdtempSync(join(tmpdir(), 'coppice-picture-'));
const socket = join(dataDir, 'tmux');
const tmux = (...args: readonly string[]): string =>
  execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], { cwd: root, encoding: 'utf8' });

const [author = ''] = execFileSync('git', ['log', '-1', '--format=%an'], { cwd: root, encoding: 'utf8' }).split('\n');

/** The screen, without what belongs to this machine and its user. */
function capture(): string {
  return tmux('capture-pane', '-e', '-p').replaceAll(root, '~/coppice').replaceAll(author, 'You');
}

async function record(): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for (let count = 0; count < FRAMES_MAX; count += 1) {
    const text = capture();
    if (text.includes(ENDED)) return [...frames, { text: text.replace(ENDED, ''), durationMs: LAST_FRAME_MS }];
    if (text.includes('├─')) frames.push({ text, durationMs: FRAME_MS });
    await sleep(FRAME_MS);
  }
  throw new Error('The demo did not end.');
}

try {
  const command = `env -u CI -u NO_COLOR TERM=xterm-256color COPPICE_DATA_DIR='${dataDir}' npm run --silent demo; printf '${ENDED}'; cat`;
  tmux('new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), command);
  const frames = await record();
  const prompt = '\u001B[2m~/coppice $\u001B[0m npm run demo\n\n';
  const shown = frames.map((frame) => ({ ...frame, text: prompt + frame.text }));
  writeFileSync(
    file,
    renderSvg(shown, { columns: COLUMNS, title: 'npm run demo: a tree of 32 tasks runs to its end' }),
  );
  console.log(`${file}: ${frames.length} frames`);
} finally {
  tmux('kill-server');
  rmSync(dataDir, { recursive: true, force: true });
}
