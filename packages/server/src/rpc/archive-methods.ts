/** Methods that move whole runs between the store and files. Files may hold anything, so that only admins bring runs in. */
import { Readable } from 'node:stream';
import type { TreeId } from '@coppice/core';
import type { ImportedRun } from '@coppice/engine';
import { RunFileError } from '@coppice/protocol';
import { readRunFile } from '../archive/read-run-file.ts';
import { answer, refuse } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Principal } from './caller.ts';
import type { Implementations, Services } from './services.ts';

type Names =
  'tasks.import' | 'archives.list' | 'archives.verify' | 'archives.restore' | 'archives.delete' | 'retention.apply';

export function archiveMethods({ engine, archives, retention }: Services): Implementations<Names> {
  return {
    'tasks.import': (params, { principal }) =>
      asAdmin(principal, async () => {
        try {
          return brought(
            await engine.importRun(await readRunFile(Readable.from([Buffer.from(params.data, 'base64')]))),
          );
        } catch (error) {
          if (!(error instanceof RunFileError)) throw error;
          return refuse('tree/invalid', error.message);
        }
      }),
    'archives.list': ({ limit, cursor }, { principal }) =>
      asAdmin(principal, async () => answer(await archives.list({ limit, after: cursor }))),
    'archives.verify': ({ treeId }, { principal }) => asAdmin(principal, () => archives.verify(treeId as TreeId)),
    'archives.restore': ({ treeId }, { principal }) =>
      asAdmin(principal, async () => brought(await archives.restore(treeId as TreeId))),
    'archives.delete': ({ treeId }, { principal }) =>
      asAdmin(principal, async () => {
        const deleted = await archives.delete(treeId as TreeId);
        return deleted.ok ? answer({ deleted: true as const }) : deleted;
      }),
    'retention.apply': (params, { principal }) => asAdmin(principal, async () => answer(await retention.apply(params))),
  };
}

async function asAdmin<T>(principal: Principal, work: () => Promise<Answer<T>>): Promise<Answer<T>> {
  if (principal.role === 'admin') return work();
  return refuse('auth/unauthorized', 'The archive holds the runs of all users; it needs the role admin.');
}

function brought(imported: Answer<ImportedRun>): Answer<{
  readonly treeId: string;
  readonly status: ImportedRun['status'];
  readonly lastSeq: number;
  readonly isNew: boolean;
}> {
  if (!imported.ok) return imported;
  const { treeId, status, seq: lastSeq, isNew } = imported.value;
  return answer({ treeId, status, lastSeq, isNew });
}
