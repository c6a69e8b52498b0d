import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatProblem, parseDefinition } from './definition.ts';

/** The params that a definition becomes. */
function paramsOf(text: string, file = 'tree.coppice.yaml'): unknown {
  const result = parseDefinition(text, file);
  expect(result).toMatchObject({ ok: true });
  return result.ok ? result.definition.params : undefined;
}

/** The problems of a definition, as people read them. */
function problemsOf(text: string): readonly string[] {
  const result = parseDefinition(text, 'f.yaml');
  return result.ok ? [] : result.problems.map((problem) => formatProblem(problem));
}

describe('parseDefinition: forms', () => {
  it('reads a map whose keys are ids, with nested children', () => {
    const text = `
version: 1
tasks:
  site:
    children:
      fetch: { executor: http, inputs: { url: 'http://x' } }
      build:
        executor: command
        dependencies: [fetch]
        children:
          - { id: lint, executor: command }
`;
    expect(paramsOf(text)).toEqual({
      tasks: [
        { id: 'site' },
        { id: 'fetch', parentId: 'site', executor: 'http', inputs: { url: 'http://x' } },
        { id: 'build', parentId: 'site', executor: 'command', dependencies: ['fetch'] },
        { id: 'lint', parentId: 'build', executor: 'command' },
      ],
    });
  });

  it('reads a flat list with parentId, and by names', () => {
    const text = JSON.stringify({ version: 1, tasks: [{ name: 'all' }, { name: 'one', parentId: 'all' }] });
    expect(paramsOf(text, 'tree.json')).toEqual({ tasks: [{ name: 'all' }, { name: 'one', parentId: 'all' }] });
  });

  it('makes the file the root group of several top tasks (R-TV-03)', () => {
    expect(paramsOf('version: 1\nname: Nightly\ntasks: { a: { executor: delay }, b: }')).toEqual({
      tasks: [
        { id: 'Nightly', name: 'Nightly' },
        { id: 'a', executor: 'delay', parentId: 'Nightly' },
        { id: 'b', parentId: 'Nightly' },
      ],
    });
    expect(paramsOf('version: 1\ntasks: [{ name: a }, { name: tree }]', 'dir/tree.coppice.yml')).toEqual({
      tasks: [{ name: 'tree-tree' }, { name: 'a', parentId: 'tree-tree' }, { name: 'tree', parentId: 'tree-tree' }],
    });
  });

  it('gives a single top task the name of the file', () => {
    expect(paramsOf('version: 1\nname: Nightly\ntasks: { a: { executor: delay } }')).toEqual({
      tasks: [{ id: 'a', name: 'Nightly', executor: 'delay' }],
    });
  });

  it('takes inputs, variables and policies, with anchors, merge keys and x- fields', () => {
    const text = `
version: 1
x-slow: &slow { policies: { timeout: 5m } }
inputs: { who: world }
variables: { n: 1 }
policies: { concurrency: 2, runTimeout: 1h30m, retry: { delay: 250ms, maxAttempts: 2 } }
tasks:
  a: { <<: *slow, executor: delay, inputs: { durationMs: 1.5s, ms: 1s, note: 2s } }
`;
    expect(paramsOf(text)).toEqual({
      inputs: { who: 'world' },
      variables: { n: 1 },
      policies: { concurrency: 2, runTimeoutMs: 5_400_000, retry: { delayMs: 250, maxAttempts: 2 } },
      tasks: [
        {
          id: 'a',
          executor: 'delay',
          policies: { timeoutMs: 300_000 },
          inputs: { durationMs: 1500, ms: 1000, note: '2s' },
        },
      ],
    });
  });

  it('means the same in YAML and JSON, nested and flat', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 8 }), ([root = '', ...names]) => {
        const nested = { version: 1, tasks: { [root]: { children: Object.fromEntries(names.map((id) => [id, {}])) } } };
        const flat = { version: 1, tasks: [{ id: root }, ...names.map((id) => ({ id, parentId: root }))] };
        expect(paramsOf(stringify(nested))).toEqual(paramsOf(JSON.stringify(flat)));
      }),
    );
  });
});

describe('parseDefinition: problems', () => {
  it('names a field as it is written, also where it is not allowed', () => {
    const text = 'version: 1\npolicies: { heartbeatTimeout: 5s }\ntasks: { a: { policies: { timeout: true } } }';
    const [misplaced, noTime] = problemsOf(text);
    expect(misplaced).toMatch(/^f\.yaml:2:13: unknown field "heartbeatTimeout": (did you mean|allowed are) /);
    expect(noTime).toMatch(/^f\.yaml:3:36: timeout: expected number/);
  });

  it('shows every problem at its line and column (R-TV-04)', () => {
    const text = `version: 2
tassk: 1
policies:
  timeout: 30
tasks:
  a:
    id: b
    executr: command
    proirity: 1
    dependencies:
      - { task: b, on: [succes] }
    policies:
      retry:
        delay: soon
        delayMs: 5
  b: 7
  c:
    children:
      d: { parentId: a, priority: high }
`;
    expect(problemsOf(text)).toMatchInlineSnapshot(`
      [
        "f.yaml:1:10: Version 2 is unknown. This Coppice reads version 1.",
        "f.yaml:2:1: unknown field "tassk": did you mean "tasks"?",
        "f.yaml:4:12: 30 has no unit. Write 30s, or "timeoutMs: 30".",
        "f.yaml:7:9: The key "a" is the task's id. Remove "id".",
        "f.yaml:8:5: unknown field "executr": did you mean "executor"?",
        "f.yaml:9:5: unknown field "proirity": did you mean "priority"?",
        "f.yaml:11:25: expected one of success, failure, skipped",
        "f.yaml:14:9: "delay" and "delayMs" are the same field. Keep one.",
        "f.yaml:16:6: Expected a task: a map of fields such as executor and inputs.",
        "f.yaml:19:12: A task under "children" has its parent already. Remove "parentId".",
        "f.yaml:19:35: priority: expected number, got string",
      ]
    `);
  });

  it('reads what was meant, so that a misspelt field hides nothing that only a server finds', () => {
    const text = `version: 1
tasks:
  a:
    dependencis: [nope]
    inputs: 5
  b:
    dependencies: [{ on: [success] }, a, { task: gone }]
    inputs: { n: [1, 9007199254740993, 2] }
`;
    const result = parseDefinition(text, 'f.yaml');
    const rest = result.ok ? undefined : result.rest;
    expect(rest?.params.tasks).toEqual(
      [
        { name: 'f' },
        { id: 'a', dependencies: ['nope'], parentId: 'f' },
        { id: 'b', dependencies: ['a', { task: 'gone' }], inputs: { n: [1, 2] }, parentId: 'f' },
      ].map((task, index) => (index === 0 ? { id: 'f', ...task } : task)),
    );
    const found = rest?.problemsOf([
      { path: ['tasks', 1, 'dependencies', 0], reason: 'unknown nope' },
      { path: ['tasks', 2, 'dependencies', 1, 'task'], reason: 'unknown gone' },
      { path: ['tasks', 2, 'inputs', 'n', 1], reason: 'second' },
      { path: ['tasks', 1, 'inputs', 'x'], reason: 'is of what was left out' },
    ]);
    expect(found?.map((problem) => formatProblem(problem))).toEqual([
      'f.yaml:4:19: unknown nope',
      'f.yaml:7:50: unknown gone',
      'f.yaml:8:40: second',
    ]);
  });

  it('puts the violations of a server at their places', () => {
    const text = 'version: 1\nname: n\ntasks:\n  a:\n    executor: comand\n  b:\n    policies: { timeout: 1s }\n';
    const result = parseDefinition(text, 'f.yaml');
    const problems = result.ok
      ? result.definition.problemsOf([
          { path: ['tasks', 2, 'policies', 'timeoutMs'], reason: 'short' },
          { path: ['tasks', 1, 'executor'], reason: 'unknown' },
          { path: ['tasks', 2, 'parentId'], reason: 'parent' },
          { path: ['tasks', 0], reason: 'root' },
          { path: [], reason: 'all' },
        ])
      : [];
    expect(problems.map((problem) => formatProblem(problem))).toEqual([
      'f.yaml:1:1: root',
      'f.yaml:1:1: all',
      'f.yaml:5:15: unknown',
      'f.yaml:6:3: parent',
      'f.yaml:7:26: short',
    ]);
  });

  it.each([
    ['', 'f.yaml:1:1: Expected a definition: a map with "version: 1" and "tasks".'],
    ['[1]', 'f.yaml:1:1: Expected a definition: a map with "version: 1" and "tasks".'],
    ['version: 1', 'f.yaml:1:1: There are no tasks. Add them under "tasks".'],
    ['version: 1\ntasks: 3', 'f.yaml:2:8: Expected a list of tasks, or a map from ids to tasks.'],
    ['version: 1\ntasks:\n  a: {}\n  a: {}', 'f.yaml:4:3: This key is given twice. Keep one.'],
    ['tasks: { a: {} }', 'f.yaml:1:1: The version of the format is missing. Add "version: 1".'],
  ])('refuses %j', (text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  it.each([
    [
      'version: 1\ntasks: {a: {}}\n---\nversion: 1\n',
      'f.yaml:3:1: A second document begins here, and a definition is one. Put it into a file of its own.',
    ],
    ['version: 1\ntasks:\n\ta: {}\n', 'f.yaml:3:1: A tab indents this line. YAML is indented with blanks only.'],
    [
      'version: 1\nname: "C:\\x.exe"\n',
      'f.yaml:2:10: In double quotes a backslash begins an escape, and \\x. is none. Use single quotes, or write the backslash twice.',
    ],
    ['\0v\0e\0r', 'f.yaml:1:1: This is no text: it holds a NUL character. Save the file as UTF-8.'],
  ])('says in its own words what is wrong with %j', (text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  it('reads a file with a byte order mark and line ends of Windows as any other', () => {
    expect(problemsOf('\ufeffversion: 1\r\ntasks:\r\n  a: {}\r\n')).toEqual([]);
  });

  it.each([
    [
      'n: 9007199254740993',
      '18: 9007199254740993 can not be kept exactly as a number. Write it as text: "9007199254740993".',
    ],
    ['n: [1, 0xFFFFFFFFFFFFFFFF]', '22: 0xFFFFFFFFFFFFFFFF can not be kept exactly'],
    ['n: 1e20', '18: 1e20 can not be kept exactly'],
    ['n: .inf', '18: .inf is no number that can be kept.'],
    ['n: "x\\ud800"', '18: n: the text is not well-formed Unicode'],
    ['n: 9007199254740991, m: 1e300, f: 0.12345678901234567, t: "9007199254740993"', undefined],
  ])('keeps %s as it is, or refuses it at its place', (inputs, problem) => {
    const found = problemsOf(`version: 1\ntasks:\n  a:\n    inputs: { ${inputs} }\n`);
    expect(found.map((text) => text.slice(0, `f.yaml:4:${problem}`.length))).toEqual(
      problem === undefined ? [] : [`f.yaml:4:${problem}`],
    );
  });

  it.each([
    ['JSON', (depth: number) => ` ${'{"children": {"g": '.repeat(depth)}{}${'}}'.repeat(depth)}`],
    [
      'YAML',
      (depth: number) =>
        Array.from(
          { length: depth },
          (_, at) => `\n${' '.repeat(2 * at + 3)}children:\n${' '.repeat(2 * at + 4)}g${at}:`,
        ).join(''),
    ],
  ])('reads groups in groups of %s up to a depth that it names', (_, nested) => {
    const start = 'version: 1\ntasks:\n  root:';
    const read = parseDefinition(start + nested(200), 'f.yaml');
    expect(read).toMatchObject({ ok: true, definition: { params: { tasks: { length: 201 } } } });
    expect(problemsOf(start + nested(1000))).toEqual([
      'f.yaml:1:1: It nests deeper than 500 levels, which is as deep as files are read. Write the tasks as a flat list, with "parentId".',
    ]);
  });

  it('reads tasks of any depth that are written flat', () => {
    const tasks = Array.from({ length: 10_000 }, (_, at) => ({
      id: `g${at}`,
      ...(at === 0 ? {} : { parentId: `g${at - 1}` }),
    }));
    expect(problemsOf(JSON.stringify({ version: 1, tasks }))).toEqual([]);
  });

  it('refuses a bomb of aliases and survives deep nesting', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const entries = Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*l${level - 1}`));
      return `x-${level}: &l${level} [${entries.join(', ')}]`;
    });
    expect(problemsOf(`version: 1\n${levels.join('\n')}\ntasks: {a: {}}`)).toEqual([
      expect.stringContaining('Its aliases can not be resolved'),
    ]);
    expect(problemsOf(`a: ${'['.repeat(200_000)}`).length).toBeGreaterThan(0);
  });

  it('never throws and always names a place, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((json) => `version: 1\ntasks: ${json}`),
        ),
        (text) => {
          const result = parseDefinition(text, 'f.yaml');
          const problems = result.ok ? [] : result.problems;
          expect(problems.every(({ line, column }) => line >= 1 && column >= 1)).toBe(true);
          expect(result.ok || problems.length > 0).toBe(true);
        },
      ),
    );
  });
});
