/** Ids, times and durations as they travel. */
import * as z from 'zod';

/** Longest id, name or tag that is accepted. */
export const NAME_LENGTH_MAX = 1024;
/** Longest path that is accepted. */
export const PATH_LENGTH_MAX = 4096;

/** An id, name, reference or tag in a request. What an empty one means is told when a tree is validated. */
export const name = z.string().max(NAME_LENGTH_MAX);
export const taskId = z.string().min(1).max(NAME_LENGTH_MAX).describe('Id of a task.');
export const treeId = z.string().min(1).max(NAME_LENGTH_MAX).describe('Id of a tree: the id of its root task.');
export const userId = z.string().min(1).max(NAME_LENGTH_MAX).describe('Id of the user who owns a tree.');
/** A time in an answer: ISO 8601 in UTC. */
export const time = z.iso.datetime().describe('ISO 8601 time in UTC.');
export const timeOrNull = time.nullable();
/** A time in a request: ISO 8601 with any offset. */
export const givenTime = z.iso.datetime({ offset: true }).describe('ISO 8601 time.');
export const count = z.int().min(0);
/** Units of a gate: a whole number unless it is a resource. */
export const units = z.number().min(0);
export const seq = z.int().min(0).describe('Position in the event log of a tree; events are numbered from 1.');
