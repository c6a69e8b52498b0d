import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { renderReport, writeReport, type Facts } from './report.ts';

const facts: Facts = {
  commits: { error: { message: 'Exit code 128, expected 0, from `git`' } },
  history: null,
  lines: 1500,
  areas: [{ area: 'packages', files: 3, lines: 1500, testLines: 300, languages: [] }],
  languages: [{ language: 'TypeScript', files: 3, lines: 1500, blankLines: 150 }],
  sizes: { files: 2, medianLines: 400, p90Lines: 700, longest: [{ file: 'packages/a.ts', lines: 700 }] },
  licences: {
    packages: 12,
    forDevelopment: 10,
    withInstallScript: ['x'],
    notInstalled: 1,
    byLicence: [{ licence: 'A|B', packages: 12, examples: ['p', 'q'] }],
  },
  versions: [{ name: 'p', versions: ['1.0.0', '2.0.0'] }],
  footprint: { totalBytes: 2_500_000, files: 40, largest: [{ name: 'p', bytes: 2_000_000 }] },
  verdicts: null,
  service: null,
  machine: {
    os: { platform: 'linux', arch: 'x64' },
    cpu: { count: 1 },
    memory: { totalBytes: 8e9 },
    process: { node: 'v24.0.0' },
  },
};

it('says what is missing, and everything that is known', () => {
  expect(renderReport(facts, { runId: 'run-1', at: new Date(Date.UTC(2026, 10, 20, 13, 5)) })).toMatchSnapshot();
});

it('is written in one piece, over an older one', async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'coppice-report-'));
  const args = { root, file: 'reports/report.md', runId: 'run-1', facts };
  for (const nowMs of [0, 86_400_000]) {
    expect(await writeReport(args, { nowMs: () => nowMs })).toBe(args.file);
  }
  expect(await readFile(path.join(root, args.file), 'utf8')).toContain('Written 1970-01-02 00:00 UTC');
  expect(await readdir(path.join(root, 'reports'))).toEqual(['report.md']);
  await rm(root, { recursive: true });
});
