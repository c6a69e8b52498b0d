// @ts-check
/** Runs inside the editor, with the true interface for extensions: what no mouse can reach. Started by `in-editor.e2e.ts`. */
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const vscode = require('vscode');

const id = 'coppice.coppice-vscode';

/** Asks again until it is as wanted, or a minute has passed. @template T @param {string} what @param {() => Promise<T | undefined> | T | undefined} look */
async function until(what, look) {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`Never: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @param {string} name @param {object} input */
async function tool(name, input) {
  const options = { input, toolInvocationToken: undefined };
  const result = await vscode.lm.invokeTool(name, options);
  const [part] = result.content;
  return JSON.parse(/** @type {vscode.LanguageModelTextPart} */ (part).value);
}

/** Processes that this one has started. */
function childCount() {
  const list = execFileSync('ps', ['-o', 'ppid=,args='], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.trim().startsWith(`${process.pid} `) && line.includes('--stdio'))
    .length;
}

/** @type {Record<string, () => Promise<void>>} */
const tests = {
  'every contributed command is registered, and no other': async () => {
    const extension = vscode.extensions.getExtension(id);
    assert.ok(extension);
    await extension.activate();
    /** @type {{ command: string }[]} */
    const contributed = extension.packageJSON.contributes.commands;
    const all = await vscode.commands.getCommands(true);
    const own = all.filter((name) => /^coppice\.(?!trees\.)\w+$/.test(name)).filter((name) => name !== 'coppice.trees');
    assert.deepEqual(own.toSorted(), contributed.map(({ command }) => command).toSorted());
  },
  'a used file is completed and found, and its problems stand in it': async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const [outer, inner] = ['outer', 'inner'].map((name) => vscode.Uri.joinPath(folder, `${name}.coppice.yaml`));
    const document = await vscode.workspace.openTextDocument(outer);
    const [problem] = await until('a problem in the used file', () => {
      const found = vscode.languages.getDiagnostics(inner);
      return found.length === 0 ? undefined : found;
    });
    assert.match(problem.message, /did you mean "executor"/);
    assert.deepEqual([problem.range.start.line, vscode.languages.getDiagnostics(outer).length], [4, 0]);
    /** @param {string} text @param {number} [after] */
    const at = (text, after = 0) => document.positionAt(document.getText().indexOf(text) + after);
    /** @type {vscode.Location[]} */
    const targets = await vscode.commands.executeCommand('vscode.executeDefinitionProvider', outer, at('./inner', 3));
    assert.deepEqual(
      targets.map(({ uri }) => uri.toString()),
      [inner.toString()],
    );
    /** @param {vscode.Position} position */
    const completed = async (position) => {
      /** @type {vscode.CompletionList} */
      const list = await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', outer, position);
      return list.items.map(({ label }) => label);
    };
    assert.ok((await completed(at('./inner'))).includes('./inner.coppice.yaml'));
    assert.ok((await completed(at('region'))).includes('region'));
    assert.ok((await completed(at('eu'))).includes('us'));
    const edit = new vscode.WorkspaceEdit();
    const text = await vscode.workspace.openTextDocument(inner);
    edit.replace(inner, text.lineAt(4).range, '  b: { executor: delay }');
    await vscode.workspace.applyEdit(edit);
    await until('no problem any more', () => vscode.languages.getDiagnostics(inner).length === 0);
    await text.save();
  },
  'tools for language models list, run, explain and copy': async () => {
    await vscode.commands.executeCommand('coppice.startServer');
    const ran = await tool('coppice_run', { definition: 'nightly.coppice.yaml' });
    assert.equal(ran.status, 'failed');
    const { trees } = await tool('coppice_list_trees', { status: 'failed' });
    assert.equal(trees.length, 1);
    const explained = await tool('coppice_explain', { taskId: `${ran.treeId}.3` });
    assert.equal(explained.name, 'check');
    assert.equal(explained.attempts.length, 2);
    const copied = await tool('coppice_copy', {
      taskId: `${ran.treeId}.3`,
      inputs: { command: 'sh', args: ['-c', 'exit 0'] },
    });
    assert.deepEqual([copied.status, copied.copy], ['completed', 'runs 1 task again, reuses 1 result']);
    const refused = await tool('coppice_explain', { taskId: 'nope' });
    assert.match(refused.problem, /No connected server has a task nope/);
  },
  'nothing is left after the connection is ended': async () => {
    assert.equal(childCount(), 1);
    await vscode.commands.executeCommand('coppice.disconnect', { connection: { spec: { id: 'workspace' } } });
    await until('the server ends', () => (childCount() === 0 ? true : undefined));
  },
};

exports.run = async () => {
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`passed: ${name}`);
    } catch (error) {
      console.log(`failed: ${name}: ${error instanceof Error ? error.stack : String(error)}`);
      throw error;
    }
  }
};
