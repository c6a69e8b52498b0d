import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createLogger } from './logger.ts';

it('a log file is for its owner alone, and credentials are left out of it', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'coppice-log-')), 'new/coppice.log');
  const logger = createLogger({ level: 'info', file });
  logger.info({ token: 'secret-token', task: 'build' }, 'done');
  logger.debug({ task: 'build' }, 'not written');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const [line, end] = (await readFile(file, 'utf8')).split('\n');
  expect(JSON.parse(line ?? '')).toMatchObject({ token: '[redacted]', task: 'build', msg: 'done' });
  expect(end).toBe('');
  expect([logger.isLevelEnabled?.('debug'), logger.isLevelEnabled?.('info')]).toEqual([false, true]);
});
