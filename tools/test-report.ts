/**
 * Prints how the last `npm test` ended in two plain lines, for readers that do not know vitest's own summary.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface TestReport {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: 'passed' | 'failed' }[];
}

const path = resolve(import.meta.dirname, '../coverage/test-report.json');
const report = JSON.parse(readFileSync(path, 'utf8')) as TestReport;
const brokenFileCount = report.testResults.filter(({ status }) => status === 'failed').length;
// A file that fails to load runs no test; without this it would look like a smaller, greener run.
const failedCount = report.success ? report.numFailedTests : Math.max(1, report.numFailedTests);
const skippedCount = report.numPendingTests + report.numTodoTests;
console.log(`Test Files  ${report.testResults.length - brokenFileCount} passed, ${brokenFileCount} failed`);
console.log(
  `${report.numPassedTests} passed, ${failedCount} failed${skippedCount > 0 ? `, ${skippedCount} skipped` : ''}`,
);
