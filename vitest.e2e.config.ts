import { defineConfig } from 'vitest/config';

// Tests in a real browser and a real editor: `npm run test:page`, `npm run test:vscode`. One at a time: they share two cores.
const conditions = ['coppice-source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['tools/e2e/**/*.e2e.ts'],
    pool: 'forks',
    fileParallelism: false,
    // Each test goes on from the one before, as a person does.
    bail: 1,
    allowOnly: false,
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
