/** The database file as a whole: whether it is sound, what takes its space, and rows that belong to no tree. */
import { deleteOrphans, examineDatabase, type DatabaseReport } from '@coppice/storage';
import { bytesText, countText, type Finding } from './finding.ts';

/** A share of empty pages that is worth a remark, and the least size for it, bytes. */
const FREE_SHARE = 0.5;
const FREE_BYTES_MIN = 67_108_864;

export async function* checkDatabase(file: string, repairs: boolean): AsyncGenerator<Finding> {
  let report: DatabaseReport;
  try {
    report = await examineDatabase(file);
  } catch (error) {
    const text = `${file} can not be examined: ${error instanceof Error ? error.message : String(error)}`;
    yield { area: 'database', severity: 'problem', text, advice: 'Put a sound copy in its place' };
    return;
  }
  yield* soundness(file, report);
  yield* await orphans(file, report, repairs);
  yield* sizes(report);
}

function* soundness(file: string, { faults }: DatabaseReport): Generator<Finding> {
  if (faults.length === 0) yield { area: 'database', severity: 'ok', text: `SQLite finds ${file} sound` };
  for (const fault of faults) {
    const advice = 'Stop all that uses it, keep a copy, and put a backup in its place';
    yield { area: 'database', severity: 'problem', text: `${file}: ${fault}`, advice };
  }
}

async function orphans(
  file: string,
  { orphans: found }: DatabaseReport,
  repairs: boolean,
): Promise<readonly Finding[]> {
  if (found.length === 0) return [];
  const rows = found.map(({ table, rows: count }) => `${countText(count, 'row')} of ${table}`).join(', ');
  const text = `There are rows that belong to no tree: ${rows}`;
  if (!repairs)
    return [{ area: 'database', severity: 'problem', text, advice: 'They can go: coppice doctor --repair' }];
  await deleteOrphans(file);
  return [{ area: 'database', severity: 'problem', text, isRepaired: true }];
}

function* sizes({ fileBytes, walBytes, freeBytes, contents, largest }: DatabaseReport): Generator<Finding> {
  const text = `The database has ${bytesText(fileBytes)}, its write-ahead log ${bytesText(walBytes)}`;
  yield { area: 'database', severity: 'ok', text };
  if (freeBytes > FREE_BYTES_MIN && freeBytes > fileBytes * FREE_SHARE) {
    const advice =
      'New trees use it again; to make the file smaller: VACUUM by the sqlite3 program, with nothing running';
    yield { area: 'database', severity: 'note', text: `${bytesText(freeBytes)} of it are empty`, advice };
  }
  if (contents.count > 0) {
    const values = countText(contents.count, 'large value');
    yield { area: 'database', severity: 'ok', text: `${values}, each kept once: ${bytesText(contents.chars)}` };
  }
  if (largest.length === 0) return;
  const named = largest.map(({ name, treeId, chars }) => `${name} (${treeId}) ${bytesText(chars)}`).join(', ');
  yield { area: 'database', severity: 'ok', text: `The longest logs: ${named}` };
}
