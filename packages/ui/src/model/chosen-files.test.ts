import { describe, expect, it } from 'vitest';
import { chosenFiles, readerBeside, type ChosenFile } from './chosen-files.ts';

const file = (name: string, path = ''): ChosenFile => ({
  name,
  webkitRelativePath: path,
  text: () => Promise.resolve(`text of ${path || name}`),
});

describe('chosen files', () => {
  it('are those that can be definitions, by their paths below the folder, the one to run first', () => {
    const files = [
      file('package.json', 'work/package.json'),
      file('deploy.coppice.yaml', 'work/parts/deploy.coppice.yaml'),
      file('readme.md', 'work/readme.md'),
      file('x.json', 'work/node_modules/x/x.json'),
      file('release.coppice.yaml', 'work/release.coppice.yaml'),
    ];
    expect([...chosenFiles(files).keys()]).toEqual([
      'release.coppice.yaml',
      'parts/deploy.coppice.yaml',
      'package.json',
    ]);
    expect([...chosenFiles([file('b.yml'), file('a.YAML')]).keys()]).toEqual(['a.YAML', 'b.yml']);
  });

  it('are refused when none can be a definition, and when there are too many', () => {
    expect(() => chosenFiles([file('a.txt')])).toThrow('None of these is a YAML or JSON file');
    const many = Array.from({ length: 1001 }, (_, at) => file(`${at}.yaml`));
    expect(() => chosenFiles(many)).toThrow('more than 1000 YAML and JSON files');
  });

  it('are read from the folder of the one that is run, and only if they were chosen', async () => {
    const files = chosenFiles([
      file('main.yaml', 'work/jobs/main.yaml'),
      file('inner.yaml', 'work/jobs/parts/inner.yaml'),
      file('inner.yaml', 'work/parts/inner.yaml'),
    ]);
    const read = readerBeside(files, 'jobs/main.yaml');
    expect(await read('parts/inner.yaml')).toBe('text of work/jobs/parts/inner.yaml');
    await expect(read('parts/other.yaml')).rejects.toThrow(
      'parts/other.yaml is not among the files that you have chosen.',
    );
  });
});
