/** Methods that move whole runs between the store and files. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { savedRunShape } from '../wire/saved-run.ts';
import { count, seq, time, treeId } from '../wire/scalar.ts';
import { runStatus } from '../wire/status.ts';
import { exampleTaskId, exampleTime } from './examples.ts';
import { method } from './method.ts';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from './reading.ts';
import { itemRefusal } from './running.ts';

const archived = strict({
  ...savedRunShape,
  archivedAt: time,
  bytes: count.describe('Size of the file.'),
  isStored: z.boolean().describe('true: the run is in the store, too: it was restored, and its file stays.'),
  problem: z.string().nullable().describe('What the file can not be read for. Then the fields are those of its name.'),
}).meta({ id: 'ArchivedRun' });

const brought = strict({
  treeId,
  status: runStatus,
  lastSeq: seq,
  isNew: z.boolean().describe('false: the same run was in the store already.'),
});

const example: z.output<typeof archived> = {
  treeId: exampleTaskId,
  name: 'greet',
  userId: 'ann',
  status: 'completed',
  createdAt: exampleTime,
  endedAt: exampleTime,
  archivedAt: exampleTime,
  bytes: 1840,
  isStored: false,
  problem: null,
};
const exampleBrought: z.output<typeof brought> = {
  treeId: exampleTaskId,
  status: 'completed',
  lastSeq: 14,
  isNew: true,
};

const ADMIN = 'Needs the role admin.';
const which = strict({ treeId });

export const tasksImport = method({
  summary: 'Brings a run in from the file that it was saved in.',
  description: `${ADMIN} The run gets the ids that it had. It must have ended. What is in the store already with the same state stays as it is.`,
  params: strict({ data: z.base64().describe('The file, in Base64.') }),
  result: brought,
  errors: ['auth/unauthorized', 'tree/invalid', 'task/invalid-transition'],
  example: {
    params: { data: 'H4sIAAAAAAAAA6tWKkktLlGyUlAqS8wpTtVRSkksSVSyUjA0qAUAjRoXNh0AAAA=' },
    result: exampleBrought,
  },
});

export const archivesList = method({
  summary: 'Lists the runs in the archive, newest first.',
  description: ADMIN,
  params: strict({
    limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT).describe(`Default ${PAGE_LIMIT_DEFAULT}.`),
    cursor: z.string().optional().describe('`nextCursor` of the answer before.'),
  }),
  result: strict({
    items: z.array(archived),
    nextCursor: z.string().exactOptional().describe('Absent: these are all.'),
  }),
  errors: ['auth/unauthorized'],
  example: { params: {}, result: { items: [example] } },
});

export const archivesVerify = method({
  summary: 'Reads the file of an archived run, and compares it with what it must hold.',
  description: `${ADMIN} Compares the hash of its lines, and the state that its events lead to.`,
  params: which,
  result: strict({ treeId, events: count, logLines: count, hash: z.string() }),
  errors: ['auth/unauthorized', 'task/not-found', 'storage/unreadable'],
  example: {
    params: { treeId: exampleTaskId },
    result: {
      treeId: exampleTaskId,
      events: 14,
      logLines: 2,
      hash: '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
    },
  },
});

export const archivesRestore = method({
  summary: 'Puts an archived run back into the store, with the ids that it had.',
  description: `${ADMIN} The file stays: retention leaves a run alone that has one. Archiving the run again writes it anew.`,
  params: which,
  result: brought,
  errors: ['auth/unauthorized', 'task/not-found', 'storage/unreadable', 'tree/invalid'],
  example: { params: { treeId: exampleTaskId }, result: exampleBrought },
});

export const archivesDelete = method({
  summary: 'Deletes the file of an archived run for good.',
  description: ADMIN,
  params: which,
  result: strict({ deleted: z.literal(true) }),
  errors: ['auth/unauthorized', 'task/not-found'],
  example: { params: { treeId: exampleTaskId }, result: { deleted: true } },
});

export const retentionApply = method({
  summary: 'Archives or deletes the runs that the rules of the configuration say are old enough.',
  description: `${ADMIN} The server does so by itself, too. With \`dryRun\` nothing is changed: the answer lists what would go. At most \`limit\` runs go; ask again as long as \`more\` is true.`,
  params: strict({
    dryRun: z.boolean().default(false).describe('true: change nothing. Default false.'),
    limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT).describe(`Default ${PAGE_LIMIT_DEFAULT}.`),
  }),
  result: strict({
    items: z.array(
      strict({
        treeId,
        name: z.string(),
        status: runStatus,
        endedAt: time,
        action: z.enum(['archive', 'delete']),
        because: z.enum(['age', 'count']).describe('It ended long ago, or there are enough newer ones.'),
        rule: count.describe('Place of the rule in the configuration, from 0.'),
        error: itemRefusal.exactOptional().describe('Why it has not gone.'),
      }),
    ),
    more: z.boolean(),
  }),
  errors: ['auth/unauthorized'],
  example: {
    params: { dryRun: true },
    result: {
      items: [
        {
          treeId: exampleTaskId,
          name: 'greet',
          status: 'completed',
          endedAt: exampleTime,
          action: 'archive',
          because: 'age',
          rule: 0,
        },
      ],
      more: false,
    },
  },
});
