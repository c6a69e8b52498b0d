/** Definition files that a person has chosen: one of them is run, and may use the others. */

/** Part of the browser's `File`. */
export interface ChosenFile {
  readonly name: string;
  /** Path from the chosen folder on, that folder included; empty for a file that was chosen by itself. */
  readonly webkitRelativePath: string;
  text(): Promise<string>;
}

/** Files by their paths, those of a folder without its name. Files that are no definitions by their names are left out. */
export type ChosenFiles = ReadonlyMap<string, ChosenFile>;

const FILES_MAX = 1000;
const DEFINITION = /\.(ya?ml|json)$/i;

/** Throws when none of them can be a definition, or when there are too many. */
export function chosenFiles(files: Iterable<ChosenFile>): ChosenFiles {
  const found = new Map<string, ChosenFile>();
  for (const file of files) {
    const path = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.replace(/^[^/]*\//, '');
    if (!DEFINITION.test(path) || path.split('/').includes('node_modules')) continue;
    found.set(path, file);
    if (found.size > FILES_MAX)
      throw new Error(
        `There are more than ${FILES_MAX} YAML and JSON files. Choose a smaller folder, or single files.`,
      );
  }
  if (found.size === 0) throw new Error('None of these is a YAML or JSON file. Choose definition files.');
  return new Map([...found].toSorted(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1)));
}

/** Definitions by name first, and of these what is nearest to the top: it is offered as the one to run. */
function rankOf(path: string): number {
  return (/\.coppice\.\w+$/i.test(path) ? 0 : 1000) + path.split('/').length;
}

/** Reads what the file `main` uses: `path` starts in its folder. Rejects when it was not chosen. */
export function readerBeside(files: ChosenFiles, main: string): (path: string) => Promise<string> {
  const folder = main.split('/').slice(0, -1);
  return async (path) => {
    const file = files.get([...folder, ...path.split('/')].join('/'));
    if (file === undefined)
      throw new Error(
        `${path} is not among the files that you have chosen. Choose it too, or the folder that has both.`,
      );
    return file.text();
  };
}
