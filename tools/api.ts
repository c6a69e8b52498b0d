/**
 * Writes what each published package offers, as text: `npm run api`. With `--check` writes nothing and fails when a report has drifted,
 * so that no change of a public name goes unseen. What is compiled must be up to date: `npm run types`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor';
import { listPublished } from './pack/pack-packages.ts';

const root = resolve(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const REPORTS = join(root, 'docs/reference/api');
const SILENT = { default: { logLevel: ExtractorLogLevel.None } };

interface Door {
  /** Of the package, absolute. */
  readonly folder: string;
  /** Of the report, e.g. `client-stdio`. */
  readonly name: string;
  readonly declarations: string;
}

function listDoors(): readonly Door[] {
  return listPublished().flatMap(({ folder }) => {
    const { exports = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      readonly exports?: Readonly<Record<string, { readonly types?: string }>>;
    };
    return Object.entries(exports).flatMap(([door, { types }]) =>
      types === undefined
        ? []
        : [
            {
              folder: join(root, folder),
              name: [folder.split('/').at(-1), ...door.split('/').slice(1)].join('-'),
              declarations: join(root, folder, types),
            },
          ],
    );
  });
}

/** Whether the report is not what it was. */
function report({ folder, name, declarations }: Door): boolean {
  const configObject: IConfigFile = {
    projectFolder: folder,
    mainEntryPointFilePath: declarations,
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          lib: ['es2024', 'dom'],
          types: ['node'],
          typeRoots: [join(root, 'node_modules/@types')],
          strict: true,
          skipLibCheck: true,
        },
        files: [declarations],
      },
    },
    apiReport: {
      enabled: true,
      reportFileName: name,
      reportFolder: REPORTS,
      reportTempFolder: join(folder, 'dist'),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: { extractorMessageReporting: SILENT, tsdocMessageReporting: SILENT },
  };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: !isCheck,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  return apiReportChanged;
}

mkdirSync(REPORTS, { recursive: true });
const doors = listDoors();
const changed = doors.filter(report).map(({ name }) => `docs/reference/api/${name}.api.md`);
for (const file of changed) console.log(`${isCheck ? 'drifted' : 'written'}: ${file}`);
console.log(`api: ${doors.length} reports, ${changed.length} ${isCheck ? 'drifted' : 'written'}`);
if (isCheck && changed.length > 0) {
  console.error('If the change is meant, run `npm run api` and commit what it writes.');
  process.exitCode = 1;
}
