/** The log of a task in the editor: a terminal that follows it, and obeys nothing of it but colours. */
import { expect, it } from 'vitest';
import { takePicture } from '../pictures.ts';
import { serveTests } from '../server.ts';
import { openEditor } from './open-editor.ts';

const server = await serveTests();
const { editor, page } = await openEditor({ files: {}, settings: { 'terminal.integrated.gpuAcceleration': 'off' } });
const terminal = page.locator('.terminal-wrapper.active .xterm-rows, .terminal-wrapper .xterm-rows').last();

const SCRIPT = `
console.log('\\u001b]0;stolen\\u0007<b>bold</b> \\u001b[31mred\\u001b[0m');
console.log('\\u001b[2J\\u001b[1;1Hkept below\\u001b[?1049h');
if (process.argv[1] === '1') process.exit(1);
let n = 0;
setInterval(() => { console.log('tick ' + n++); if (n === 5) process.exit(0); }, 10);
`;

it('follows a task in a terminal, with harmless text, and asks which attempt is meant (R-OB-08)', async () => {
  const { treeId } = await server.client.tasks.execute({
    tasks: [
      { id: 'root', name: 'printing' },
      {
        id: 'print',
        parentId: 'root',
        executor: 'command',
        inputs: { command: 'node', args: ['-e', SCRIPT, '${{ string(task.attempt) }}'] },
        policies: { retry: { maxAttempts: 2, delayMs: 0 } },
      },
    ],
    reidentify: true,
  });
  await editor.showExplorer();
  await editor.connect(server.url, server.token);
  await editor.unfold(/printing/);
  await editor
    .row(/print.*completed/)
    .first()
    .waitFor();
  await editor.menu(editor.row(/^print(?!ing)/).first(), 'Open Log');
  const picker = page.locator('.quick-input-widget');
  await picker.locator('.monaco-list-row', { hasText: 'Attempt 2' }).click();
  await expect.poll(() => terminal.innerText()).toContain('tick 4');
  const text = (await terminal.innerText()).replaceAll('\u00a0', ' ');
  expect(text).toContain('<b>bold</b> red');
  expect(text).toContain('kept below');
  expect(await terminal.locator('b').count()).toBe(0);
  expect(await terminal.locator('span', { hasText: /^red$/ }).getAttribute('class')).toContain('xterm-fg-1');
  await takePicture(page, 'vscode-log-light');
  // Of the whole run, and it goes on when the run goes on.
  await editor.menu(editor.row(/printing/).first(), 'Open Log');
  await expect
    .poll(async () => (await terminal.innerText()).replaceAll('\u00a0', ' '))
    .toMatch(/print │ tick 4\n.*Nothing more comes/);
  await server.client.tasks.retry({ taskId: treeId, mode: 'start' });
  await expect.poll(async () => (await terminal.innerText()).match(/Nothing more comes/g)?.length).toBeGreaterThan(1);
});
