import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadToken } from './token-file.ts';

describe('token file (R-SE-02)', () => {
  let dir = '';
  beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'coppice-token-'))));
  afterEach(() => rm(dir, { recursive: true }));

  it('is made once, long, and readable by its owner only', async () => {
    const dataDir = join(dir, 'data');
    const token = await loadToken(dataDir);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await loadToken(dataDir)).toBe(token);
    expect((await stat(join(dataDir, 'token'))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(dataDir, 'token'), 'utf8')).trim()).toBe(token);
  });

  it('is the same for processes that start at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => loadToken(dir)));
    expect(new Set(tokens).size).toBe(1);
  });

  it('is tightened when others could read it, and refused when it is empty', async () => {
    await writeFile(join(dir, 'token'), 'some-token\n', { mode: 0o644 });
    expect(await loadToken(dir)).toBe('some-token');
    expect((await stat(join(dir, 'token'))).mode & 0o777).toBe(0o600);
    await writeFile(join(dir, 'token'), '\n');
    await expect(loadToken(dir)).rejects.toThrow('is empty');
  });
});
