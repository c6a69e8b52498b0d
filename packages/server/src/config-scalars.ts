/** Numbers of the configuration. */
import { DURATION_MS_MAX } from '@coppice/core';
import * as z from 'zod';

export const count = z.int().min(0);
export const positive = z.int().min(1);
export const durationMs = z.number().min(0).max(DURATION_MS_MAX);
