import { defineConfig } from 'vitest/config';

const isCi = process.env['CI'] !== undefined;
// Packages are read from their sources, so no test ever sees a stale build.
const conditions = ['coppice-source', 'module', 'node', 'development|production'];
const rooms = '{packages,extensions,examples}/*/**';
const notTests = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A machine that is used once gains nothing from transforms kept on disk.
    fsModuleCache: !isCi,
    maxWorkers: '100%',
    setupFiles: ['tools/property-seed.ts'],
    allowOnly: false,
    reporters: ['default', ['json', { outputFile: 'coverage/test-report.json' }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${rooms}/*.test.ts`, '{tools,bench}/**/*.test.ts'],
          exclude: [...notTests, '**/*.integration.test.ts'],
          pool: 'threads',
          // What ends too late on a busy machine is no fault; what never ends is.
          testTimeout: 60_000,
        },
      },
      {
        // Touches disk, sockets or child processes: a process of its own, and time to wait for the machine.
        extends: true,
        test: {
          name: 'integration',
          include: [`${rooms}/*.integration.test.ts`, '{tools,bench}/**/*.integration.test.ts'],
          exclude: notTests,
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
