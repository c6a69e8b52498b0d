import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionsAt, describeField } from './completion.ts';
import { declaredInputsOf } from './declared-inputs.ts';
import { parseDefinition, readDefinition } from './definition.ts';
import { allTasks, outlineOf, referenceAt, referencesTo, renameTask, taskAt, useAt } from './outline.ts';

const examples = resolve(import.meta.dirname, '../../../examples');
const files = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.coppice\.(yaml|json)$/.test(name))
  .map((name) => ({ folder: join(examples, dirname(name)), text: readFileSync(join(examples, name), 'utf8') }));

const TEXT = `version: 1
tasks:
  fetch:
    executor: http
    inputs: { url: http://x }
  build:
    name: Build it
    children:
      compile:
        executor: command
        dependencies: [fetch]
        inputs: { command: make, args: ['\${{ deps.fetch.body }}', "\${{ deps['fetch'].status }}"] }
      "test it":
        executor: command
        dependencies:
          - task: compile
            on: [success]
  report: { executor: command, dependencies: ["test it", fetch] }
`;

describe('outline', () => {
  it('nests tasks with their places', () => {
    const outline = outlineOf(TEXT);
    expect(allTasks(outline).map(({ key, name, executor }) => [key, name, executor])).toEqual([
      ['fetch', 'fetch', 'http'],
      ['build', 'Build it', undefined],
      ['compile', 'compile', 'command'],
      ['test it', 'test it', 'command'],
      ['report', 'report', 'command'],
    ]);
    for (const { key, nameSpan, span } of allTasks(outline)) {
      expect(TEXT.slice(nameSpan.start, nameSpan.end)).toBe(key);
      expect(TEXT.slice(span.start, span.end)).toContain(key);
    }
    expect(taskAt(outline, TEXT.indexOf('make'))?.key).toBe('compile');
  });

  it('finds all that names a task: dependencies, expressions, itself', () => {
    const outline = outlineOf(TEXT);
    expect(referencesTo(outline, 'fetch').map(({ kind }) => kind)).toEqual([
      'definition',
      'dependency',
      'expression',
      'expression',
      'dependency',
    ]);
    expect(referenceAt(outline, TEXT.indexOf('[fetch]') + 3)?.key).toBe('fetch');
    expect(referenceAt(outline, TEXT.indexOf('version'))).toBeUndefined();
  });

  it('reads every example as the command does', async () => {
    expect(files.length).toBeGreaterThan(4);
    for (const { folder, text } of files) {
      const parsed = await readDefinition(text, 'x.yaml', { read: (path) => readFile(join(folder, path), 'utf8') });
      const keys = parsed.ok ? parsed.definition.params.tasks.map(({ id, name }) => id ?? name) : [];
      expect(keys).toEqual(expect.arrayContaining(allTasks(outlineOf(text)).map(({ key }) => key)));
    }
  });
});

describe('rename', () => {
  function renamed(key: string, newKey: string): string {
    const result = renameTask(outlineOf(TEXT), key, newKey);
    if (!result.ok) return result.reason;
    return result.edits.reduceRight(
      (text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end),
      TEXT,
    );
  }

  it('changes every place, also where the new name is no identifier', () => {
    const text = renamed('fetch', 'get-it');
    expect(text).not.toContain('fetch');
    expect(text).toContain('deps["get-it"].body');
    expect(parseDefinition(text, 'x.yaml').ok).toBe(true);
    expect(parseDefinition(renamed('test it', 'check'), 'x.yaml').ok).toBe(true);
  });

  it('refuses a name that is taken or can not be one', () => {
    expect(renamed('fetch', 'report')).toContain('already');
    expect(renamed('fetch', 'a: b')).toContain('Use letters');
    expect(renamed('nope', 'x')).toContain('no task');
  });
});

describe('a quote that is not closed yet', () => {
  const nameOf = (key: string) => {
    const text = `tasks:\n  a: {}\n  ${key}`;
    const span = outlineOf(text).tasks[1]?.nameSpan;
    return span && text.slice(span.start, span.end);
  };

  it.each([
    ['"', ''],
    ["'", ''],
    ['"b', 'b'],
    ["'b", 'b'],
    ['"b"', 'b'],
  ])('names %s', (key, name) => {
    expect(nameOf(key)).toBe(name);
  });
});

describe('completion', () => {
  const executors = [
    {
      type: 'http',
      description: 'Calls a URL.',
      input: { properties: { url: { type: 'string', description: 'Where.' } } },
    },
    { type: 'command', description: 'Runs a program.' },
  ];
  const at = (text: string) =>
    completionsAt(text, { executors, outline: outlineOf(TEXT) }).map((completion) => completion.text);
  const upTo = (mark: string) => TEXT.slice(0, TEXT.indexOf(mark) + mark.length);

  it('offers executors, fields, inputs and values where they belong', () => {
    expect(at('version: 1\ntasks:\n  a:\n    executor: ')).toEqual(['http', 'command']);
    expect(at('version: 1\ntasks:\n  a:\n    ')).toEqual(
      expect.arrayContaining(['executor', 'dependencies', 'policies', 'children']),
    );
    expect(at('version: 1\ntasks:\n  a:\n    policies:\n      retry:\n        ')).toEqual(
      expect.arrayContaining(['maxAttempts', 'delay']),
    );
    expect(at('version: 1\ntasks:\n  a:\n    executor: http\n    inputs:\n      ')).toEqual(['url']);
    expect(at('version: 1\ntasks:\n  a:\n    join: ')).toEqual(['all', 'any', 'settled']);
    expect(at('')).toEqual(expect.arrayContaining(['version', 'tasks']));
    expect(at('version: 1\ntasks:\n  ')).toEqual([]);
  });

  it('offers tasks to depend on, but none that would close a circle', () => {
    expect(at(`${upTo('dependencies: [fetch]').slice(0, -6)}`)).toEqual(['fetch', 'build']);
    expect(at('version: 1\ntasks:\n  new:\n    dependencies:\n      - ')).toEqual([
      'fetch',
      'build',
      'compile',
      'test it',
      'report',
    ]);
    expect(at('version: 1\ntasks:\n  new:\n    inputs: { a: "${{ deps.')).toContain('compile');
  });

  it('knows what fields mean', () => {
    const context = { executors, outline: outlineOf(TEXT) };
    expect(describeField('version: 1\ntasks:\n  a:\n    ', 'executor', context)).toMatch(/Type of the executor/);
    expect(describeField('version: 1\ntasks:\n  a:\n    ', 'nonsense', context)).toBeUndefined();
  });

  it('never throws, wherever one stands and whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files.map(({ text }) => text), TEXT),
        fc.nat(),
        fc.string(),
        (text, cut, typed) => {
          const before = text.slice(0, cut % (text.length + 1)) + typed;
          const outline = outlineOf(before);
          expect(Array.isArray(completionsAt(before, { executors, outline }))).toBe(true);
          expect(outline.references.every(({ start, end }) => start <= end)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('use', () => {
  const text = 'version: 1\ntasks:\n  eu:\n    use: ./deploy.yaml\n    inputs:\n      region: eu\n';
  const used = new Map([
    ['./deploy.yaml', declaredInputsOf('inputs: { region: { enum: [eu, us], description: Where }, n: 1 }')],
  ]);
  const context = { executors: [], outline: outlineOf(text), files: ['./deploy.yaml', './other.yaml'], used };
  const textsAt = (before: string): readonly string[] => completionsAt(before, context).map((each) => each.text);

  it('is found at its place', () => {
    const outline = outlineOf(text);
    expect(useAt(outline, text.indexOf('deploy'))).toEqual({ start: 33, end: 46, path: './deploy.yaml' });
    expect(useAt(outline, text.indexOf('inputs'))).toBeUndefined();
    expect(allTasks(outline)[0]?.use?.path).toBe('./deploy.yaml');
  });

  it('is completed by files, and inputs by what the file takes', () => {
    expect(textsAt('version: 1\ntasks:\n  eu:\n    use: ')).toEqual(['./deploy.yaml', './other.yaml']);
    const task = 'version: 1\ntasks:\n  eu:\n    use: ./deploy.yaml\n    inputs:\n      ';
    expect(textsAt(task)).toEqual(['region', 'n']);
    expect(textsAt(`${task}region: `)).toEqual(['eu', 'us']);
    expect(textsAt(`${task.replace('deploy', 'gone')}`)).toEqual([]);
    expect(describeField(task, 'region', context)).toBe('Where');
    expect(declaredInputsOf('a: [')).toEqual({});
  });
});
