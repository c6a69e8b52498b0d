/** `coppice resume`: continues every incomplete run of the local store and watches them to their ends. */
import type { CommandContext } from '../context.ts';
import { attendRun } from './attended-run.ts';
import { ExitCode } from '../output/exit-code.ts';
import { COPPICE } from '../output/command-name.ts';
import { symbolOf } from '../output/theme.ts';

export async function resume({ output, settings }: CommandContext): Promise<number> {
  const { resumeLocal } = await import('../session/open-local.ts');
  const { session, runs } = await resumeLocal(settings, (text) => output.note(text));
  try {
    if (runs.length === 0) output.note('Nothing to resume: no run is incomplete.');
    // All of them run at once and are shown one after another: what is new in each is known before the first is watched.
    const trees = await Promise.all(runs.map(({ treeId }) => session.client.tasks.get({ taskId: treeId })));
    let exitCode: number = ExitCode.Ok;
    for (const [index, { treeId, interrupted }] of runs.entries()) {
      const { name = '', seq = 0, status } = trees[index]?.tree ?? {};
      if (status === 'pausing' || status === 'paused') {
        output.note(
          `${symbolOf(status)} ${name} (${treeId}) stays paused. End that with: ${COPPICE} tasks resume ${treeId}`,
        );
        continue;
      }
      const attempts = `${interrupted} interrupted ${interrupted === 1 ? 'attempt' : 'attempts'}`;
      output.note(`${symbolOf('running')} Resuming ${name} (${treeId}), ${attempts}`);
      exitCode = Math.max(exitCode, await attendRun({ session, treeId, output, afterSeq: seq }));
    }
    return exitCode;
  } finally {
    await session.close();
  }
}
