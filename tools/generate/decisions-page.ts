/** Writes `docs/decisions/README.md`: every decision record by number. A record that has not the common form is refused. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from '../generate.ts';

const FORM = /^# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\. Status: (.+)\.\n\n## Context\n/;

export function generateDecisionsPage(root: string): Page {
  const folder = join(root, 'docs/decisions');
  const rows = globSync('[0-9]*.md', { cwd: folder })
    .sort()
    .map((file) => rowOf(file, readFileSync(join(folder, file), 'utf8')));
  return {
    path: 'docs/decisions/README.md',
    text: `<!-- Written by \`npm run generate\`. -->

# Decisions

Why things are as they are. Each record has a context, a choice, what was rejected, and mostly what would change our mind.

${rows.join('\n')}
`,
  };
}

function rowOf(file: string, text: string): string {
  const [, number = '', title = '', , status = ''] = FORM.exec(text) ?? [];
  if (number === '' || Number(number) !== Number.parseInt(basename(file), 10)) {
    throw new Error(
      `docs/decisions/${file} must begin with "# <its number>. <title>", a line "Date: … Status: ….", and "## Context"`,
    );
  }
  return `- [${number}. ${title}](${file})${status === 'accepted' ? '' : ` (${status})`}`;
}
