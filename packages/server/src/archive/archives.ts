/**
 * The archive: one file for each run that has left the store. A run leaves in three steps, and a stop between any two of them loses nothing:
 * its file is written whole; the file is read back and compared with the stored run; the run is deleted, if nothing has happened to it
 * meanwhile. To archive or restore again what was half done does the rest.
 */
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inWords, isRunTerminal } from '@coppice/core';
import type { TreeId } from '@coppice/core';
import type { Engine, ImportedRun } from '@coppice/engine';
import { RUN_FILE_SUFFIX, RunFileError } from '@coppice/protocol';
import type { Result } from '@coppice/protocol';
import { refuse, refuseUnknown } from '../rpc/answer.ts';
import type { Answer } from '../rpc/answer.ts';
import { SERVER_VERSION } from '../version.ts';
import { readHead, readRunFile, type RunFile } from './read-run-file.ts';
import { UNFINISHED, writeRunFile } from './write-run-file.ts';

/** What the name of the mark ends with that a run was restored: retention leaves it alone. */
const RESTORED = '.restored';

type ArchivedRun = Result<'archives.list'>['items'][number];

interface ArchivesOptions {
  readonly engine: Engine;
  /** Undefined: the server keeps nothing on disk. */
  readonly folder: string | undefined;
  readonly nowMs: () => number;
}

export class Archives {
  readonly #options: ArchivesOptions;
  #isTidy = false;

  constructor(options: ArchivesOptions) {
    this.#options = options;
  }

  /** Moves a run that has ended into its file. Answers the number of its tasks. */
  async archive(treeId: TreeId): Promise<Answer<number>> {
    const { engine, nowMs, folder } = this.#options;
    if (folder === undefined)
      return refuse('task/cannot-delete', 'This server keeps nothing on disk, so it has no archive.');
    const tree = await engine.index.findTree(treeId);
    if (tree === undefined) return refuseUnknown('tree', treeId);
    if (!isRunTerminal(tree.status))
      return refuse(
        'task/cannot-delete',
        `Tree ${treeId} can not be archived: its run ${inWords(tree.status)}; cancel it first`,
      );
    const stored = await engine.stateHash(treeId);
    if (!stored.ok) return stored;
    const { seq, hash } = stored.value;
    await this.#prepare(folder);
    const path = pathOf(folder, treeId);
    await writeRunFile(engine, { tree: { ...tree, seq }, hash, savedAtMs: nowMs() }, path);
    const read = await this.#read(treeId);
    if (!read.ok) return read;
    const again = await engine.importRun(read.value, { isDryRun: true });
    if (!again.ok || again.value.hash !== hash)
      return refuse(
        'storage/unreadable',
        `The file of tree ${treeId} is not the run that is stored, so the run stays where it is.`,
      );
    await this.#unmark(treeId);
    return engine.delete(treeId, { seq });
  }

  async restore(treeId: TreeId): Promise<Answer<ImportedRun>> {
    const checked = await this.#checked(treeId);
    if (!checked.ok) return checked;
    await writeFile(this.#pathOf(treeId, RESTORED), '');
    return this.#options.engine.importRun(checked.value);
  }

  /** The trees that were restored and have not been archived again. */
  async restored(): Promise<ReadonlySet<string>> {
    const { folder } = this.#options;
    return new Set(folder === undefined ? [] : await idsIn(folder, RESTORED));
  }

  async verify(treeId: TreeId): Promise<Answer<Result<'archives.verify'>>> {
    const checked = await this.#checked(treeId);
    if (!checked.ok) return checked;
    const { events, logLines, hash } = checked.value.end;
    return { ok: true, value: { treeId, events, logLines, hash } };
  }

  async delete(treeId: TreeId): Promise<Answer<true>> {
    if (!(await this.#exists(treeId))) return refuseUnknown('tree', treeId);
    await rm(this.#pathOf(treeId), { force: true });
    await this.#unmark(treeId);
    return { ok: true, value: true };
  }

  /** Newest first, because the ids of trees begin with their time. `after`: only those after this one. */
  async list({
    limit,
    after,
  }: {
    readonly limit: number;
    readonly after?: string | undefined;
  }): Promise<Result<'archives.list'>> {
    const { folder } = this.#options;
    const ids = folder === undefined ? [] : await idsIn(folder);
    const rest = after === undefined ? ids : ids.filter((id) => id < after);
    const items: ArchivedRun[] = [];
    for (const treeId of rest.slice(0, limit)) {
      const item = await this.#itemOf(treeId);
      if (item !== undefined) items.push(item);
    }
    const last = rest[limit - 1];
    return rest.length <= limit || last === undefined ? { items } : { items, nextCursor: last };
  }

  /** Undefined: it was deleted meanwhile. */
  async #itemOf(treeId: string): Promise<ArchivedRun | undefined> {
    const path = this.#pathOf(treeId);
    const file = await stat(path).catch(() => undefined);
    if (file === undefined) return undefined;
    const isStored = (await this.#options.engine.index.findTree(treeId as TreeId)) !== undefined;
    const about = { archivedAt: file.mtime.toISOString(), bytes: file.size, isStored };
    try {
      const { savedAt, ...head } = await readHead(createReadStream(path));
      return { ...head, ...about, archivedAt: savedAt, problem: null };
    } catch (error) {
      const problem = problemOf(error);
      const unknown = { name: '', userId: '?', status: 'failed' as const, createdAt: about.archivedAt, endedAt: null };
      return { treeId, ...unknown, ...about, problem };
    }
  }

  /** The run of a file that is as it was saved, and whose events lead to the state that it had. */
  async #checked(treeId: TreeId): Promise<Answer<RunFile>> {
    const read = await this.#read(treeId);
    if (!read.ok) return read;
    const { state } = read.value.end;
    const folded = await this.#options.engine.importRun(read.value, { isDryRun: true });
    const refusal = folded.ok ? undefined : folded.rejection.message;
    // Another version may know more of a run, and then it hashes more.
    const isOther = folded.ok && state?.by === SERVER_VERSION && state.hash !== folded.value.hash;
    if (refusal === undefined && !isOther && folded.ok && folded.value.treeId === treeId) return read;
    const why = refusal ?? 'its events lead to another state than the run had.';
    return refuse('storage/unreadable', `The archived run ${treeId} can not be used: ${why}`);
  }

  async #read(treeId: TreeId): Promise<Answer<RunFile>> {
    if (!(await this.#exists(treeId))) return refuseUnknown('tree', treeId);
    try {
      return { ok: true, value: await readRunFile(createReadStream(this.#pathOf(treeId))) };
    } catch (error) {
      return refuse(
        'storage/unreadable',
        `The file of the archived run ${treeId} can not be read: ${problemOf(error)}`,
      );
    }
  }

  #pathOf(treeId: string, suffix?: string): string {
    return pathOf(this.#options.folder ?? '', treeId, suffix);
  }

  async #exists(treeId: string): Promise<boolean> {
    if (this.#options.folder === undefined) return false;
    return (await stat(this.#pathOf(treeId)).catch(() => undefined)) !== undefined;
  }

  #unmark(treeId: string): Promise<void> {
    return rm(this.#pathOf(treeId, RESTORED), { force: true });
  }

  /** Makes the folder, and deletes what a former process has not written to its end. */
  async #prepare(folder: string): Promise<void> {
    if (this.#isTidy) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder))
      if (name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
    this.#isTidy = true;
  }
}

function problemOf(error: unknown): string {
  return error instanceof RunFileError ? error.message : error instanceof Error ? error.message : String(error);
}

/** Ids may hold any characters, names of files may not. */
function pathOf(folder: string, treeId: string, suffix = RUN_FILE_SUFFIX): string {
  return join(folder, `${encodeURIComponent(treeId).replaceAll('.', '%2E')}${suffix}`);
}

async function idsIn(folder: string, suffix = RUN_FILE_SUFFIX): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(suffix))
    .map((name) => decodedId(name.slice(0, -suffix.length)))
    .toSorted()
    .toReversed();
}

function decodedId(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
