/** Profiles cases one by one and prints the functions that take the time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { readProfile, type ProfiledFunction } from './profile-summary.ts';
import { runCases } from './run-cases.ts';

const SHOWN = 30;

export async function profileCases(cases: readonly Case[], report: (text: string) => void): Promise<void> {
  for (const each of cases) {
    const dir = mkdtempSync(join(tmpdir(), 'coppice-profile-'));
    const profileFile = join(dir, 'profile.json');
    const [result] = await runCases([each], { rounds: 1, profileFile, report });
    report('');
    if (result?.error !== undefined) throw new Error(result.error);
    const functions = readProfile(profileFile);
    rmSync(dir, { recursive: true, force: true });
    const byTotal = functions.toSorted((a, b) => b.totalMs - a.totalMs);
    console.log(
      [`## ${each.id}`, '', ' self ms  total ms', ...rows(functions), '', 'By total:', '', ...rows(byTotal), ''].join(
        '\n',
      ),
    );
  }
}

function rows(functions: readonly ProfiledFunction[]): string[] {
  return functions
    .slice(0, SHOWN)
    .map(({ name, selfMs, totalMs }) => `${selfMs.toFixed(1).padStart(8)}  ${totalMs.toFixed(1).padStart(8)}  ${name}`);
}
