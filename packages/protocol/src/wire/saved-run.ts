/** What is known of a run that has left the store, without reading its file. */
import * as z from 'zod';
import { time, timeOrNull, treeId, userId } from './scalar.ts';
import { runStatus } from './status.ts';

export const savedRunShape = {
  treeId,
  name: z.string(),
  userId,
  status: runStatus,
  createdAt: time,
  endedAt: timeOrNull,
};
