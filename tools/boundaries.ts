/**
 * Fails when a file imports what its package must not know: `npm run boundaries`.
 */
import { resolve } from 'node:path';
import { findViolations } from './boundaries/find-violations.ts';
import { readWorkspace } from './boundaries/workspace.ts';

const workspace = readWorkspace(resolve(import.meta.dirname, '..'));
const violations = findViolations(workspace);
for (const { file, line, text } of violations) console.error(`${file}:${line}  ${text}`);
const fileCount = workspace.members.reduce((sum, member) => sum + member.files.length, 0);
console.log(
  `boundaries: ${fileCount} files in ${workspace.members.length} packages, ${violations.length} forbidden imports`,
);
// A tool that reads nothing finds nothing wrong.
if (violations.length > 0 || fileCount === 0) process.exitCode = 1;
