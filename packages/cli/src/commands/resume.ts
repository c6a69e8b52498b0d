/** `coppice resume`: continues every incomplete run of the local store and watches them to their ends. */
import type { CommandContext } from '../context.ts';
import { attendRun } from './attended-run.ts';
import { ExitCode } from '../output/exit-code.ts';
import { symbolOf } from '../output/theme.ts';

export async function resume({ output, settings }: CommandContext): Promise<number> {
  const { resumeLocal } = await import('../session/open-local.ts');
  const { session, runs } = await resumeLocal(settings);
  try {
    if (runs.length === 0) output.note('Nothing to resume: no run is incomplete.');
    let exitCode: number = ExitCode.Ok;
    for (const { treeId, interrupted } of runs) {
      const { tree } = await session.client.tasks.get({ taskId: treeId });
      const attempts = `${interrupted} interrupted ${interrupted === 1 ? 'attempt' : 'attempts'}`;
      output.note(`${symbolOf('running')} Resuming ${tree?.name ?? ''} (${treeId}), ${attempts}`);
      // All of them run at once; they are shown one after another.
      exitCode = Math.max(exitCode, await attendRun({ session, treeId, output, afterSeq: tree?.seq ?? 0 }));
    }
    return exitCode;
  } finally {
    await session.close();
  }
}
