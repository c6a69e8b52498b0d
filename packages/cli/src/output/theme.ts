/** Symbols and colours of statuses: the same everywhere the CLI shows one. */
import type { RunStatus, TaskStatus } from '@coppice/protocol';
import colors from 'picocolors';

export type AnyStatus = TaskStatus | RunStatus;

interface Look {
  readonly symbol: string;
  readonly paint: (text: string) => string;
}

const LOOKS: Readonly<Record<AnyStatus, Look>> = {
  created: { symbol: '○', paint: colors.dim },
  pending: { symbol: '·', paint: colors.dim },
  ready: { symbol: '○', paint: colors.dim },
  running: { symbol: '●', paint: colors.cyan },
  waiting: { symbol: '↻', paint: colors.yellow },
  completed: { symbol: '✓', paint: colors.green },
  failed: { symbol: '✗', paint: colors.red },
  skipped: { symbol: '↷', paint: colors.dim },
  cancelled: { symbol: '⊘', paint: colors.magenta },
  pausing: { symbol: '‖', paint: colors.yellow },
  paused: { symbol: '‖', paint: colors.yellow },
  continued: { symbol: '→', paint: colors.green },
};

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;

/** The coloured symbol of a status. */
export function symbolOf(status: AnyStatus): string {
  const { symbol, paint } = LOOKS[status];
  return paint(symbol);
}

/** The status in its colour. */
export function statusText(status: AnyStatus): string {
  return LOOKS[status].paint(status);
}

/** Any text in the colour of a status. */
export function paintAs(status: AnyStatus, text: string): string {
  return LOOKS[status].paint(text);
}

/** The spinner's picture at a time. */
export function spinnerAt(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / FRAME_MS) % SPINNER.length] ?? '';
}
