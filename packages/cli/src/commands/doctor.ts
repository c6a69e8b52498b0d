/** `coppice doctor`: looks for all that can be wrong with the local store, and mends what is safe to mend. */
import { examine } from '@coppice/server';
import type { Finding } from '@coppice/server';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { UnavailableError, UsageError } from '../output/report-error.ts';
import { plain } from '../output/harmless.ts';
import { symbolOf } from '../output/theme.ts';
import { checkedConfig } from '../session/open-local.ts';
import { findServerRecord } from '../session/server-file.ts';
import { COPPICE } from '../output/command-name.ts';

export interface DoctorOptions {
  readonly repair?: boolean;
}

/** Runs between two remarks about how far it is. */
const REMARK_EVERY = 1_000;

export async function doctor({ output, settings }: CommandContext, options: DoctorOptions): Promise<number> {
  if (settings.server !== undefined)
    throw new UsageError('doctor looks at a data directory. Run it where the server runs, without --server.');
  const served = await findServerRecord(settings.dataDir);
  const findings: Finding[] = [];
  const examination = examine({
    config: checkedConfig(settings),
    repairs: options.repair === true,
    isServed: served !== undefined,
    onRun: (count) => {
      if (count % REMARK_EVERY === 0) output.note(`${count} runs looked at …`);
    },
  });
  try {
    for await (const finding of examination) {
      findings.push(finding);
      if (!output.isJson) for (const line of linesOf(finding)) output.line(line);
    }
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'storage/locked') throw error;
    throw new UnavailableError(`${(error as Error).message.split(' and only', 1)[0] ?? ''} stop it before --repair.`);
  }
  const open = findings.filter(({ severity, isRepaired }) => severity === 'problem' && isRepaired !== true).length;
  if (output.isJson) output.json({ sound: open === 0, findings });
  else output.line(verdict(findings, open, options));
  return open === 0 ? ExitCode.Ok : ExitCode.Failed;
}

function linesOf({ severity, text, advice, isRepaired }: Finding): readonly string[] {
  const symbol = isRepaired === true ? colors.green('⚒') : SYMBOLS[severity];
  const line = `${symbol} ${plain(text)}${isRepaired === true ? colors.green(' · mended') : ''}`;
  return advice === undefined ? [line] : [line, colors.dim(`    ${plain(advice)}`)];
}

const SYMBOLS: Readonly<Record<Finding['severity'], string>> = {
  ok: symbolOf('completed'),
  note: colors.yellow('!'),
  problem: symbolOf('failed'),
};

function verdict(findings: readonly Finding[], open: number, { repair }: DoctorOptions): string {
  const repaired = findings.filter(({ isRepaired }) => isRepaired === true).length;
  if (open === 0) return repaired === 0 ? 'All is well.' : `All is well now; ${repaired} mended.`;
  const rest = `${open} ${open === 1 ? 'problem' : 'problems'}`;
  return repair === true ? `${rest} left.` : `${rest}. What is safe to mend is mended by: ${COPPICE} doctor --repair`;
}
