/** Statuses of tasks and runs. */
import * as z from 'zod';

export const taskStatus = z
  .enum(['pending', 'ready', 'running', 'waiting', 'completed', 'failed', 'skipped', 'cancelled'])
  .meta({ id: 'TaskStatus', description: '`waiting`: retry back-off, delay or signal.' });

export const runStatus = z
  .enum(['created', 'running', 'pausing', 'paused', 'completed', 'failed', 'cancelled', 'continued'])
  .meta({ id: 'RunStatus' });

export type TaskStatus = z.output<typeof taskStatus>;
export type RunStatus = z.output<typeof runStatus>;
