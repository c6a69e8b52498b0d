/** All methods by name: the single source of validation, client types, the OpenRPC document and the reference. */
import type * as z from 'zod';
import {
  archivesDelete,
  archivesList,
  archivesRestore,
  archivesVerify,
  retentionApply,
  tasksImport,
} from './methods/archives.ts';
import { tasksBulk } from './methods/bulk.ts';
import { tasksCopy, tasksCreate, tasksDelete, tasksUpdate, tasksValidate } from './methods/definition.ts';
import { tasksGraph } from './methods/graph.ts';
import { tasksDiff, tasksTimes } from './methods/history.ts';
import { limitsGet, limitsHistory, limitsReset, limitsSet } from './methods/limits.ts';
import { holdsHistory, holdsList, holdsRelease, holdsSet } from './methods/holds.ts';
import type { MethodSpec } from './methods/method.ts';
import {
  tasksAttempts,
  tasksEvents,
  tasksExplain,
  tasksFailures,
  tasksLogs,
  tasksStatus,
  tasksSubscribe,
  tasksUnsubscribe,
} from './methods/observing.ts';
import { tasksChildren, tasksCount, tasksGet, tasksList, tasksTree } from './methods/reading.ts';
import {
  tasksCancel,
  tasksComplete,
  tasksExecute,
  tasksPause,
  tasksResume,
  tasksRetry,
  tasksRunningCount,
  tasksRunningList,
  tasksSkip,
} from './methods/running.ts';
import {
  executorsGet,
  executorsList,
  extensionsList,
  rpcDiscover,
  systemHealth,
  systemInfo,
} from './methods/system.ts';
import { tasksSignal, waitsAnswer, waitsLink, waitsList } from './methods/waiting.ts';

/** Every method by its name on the wire. */
export const methods = {
  'tasks.create': tasksCreate,
  'tasks.validate': tasksValidate,
  'tasks.get': tasksGet,
  'tasks.tree': tasksTree,
  'tasks.children': tasksChildren,
  'tasks.list': tasksList,
  'tasks.count': tasksCount,
  'tasks.update': tasksUpdate,
  'tasks.delete': tasksDelete,
  'tasks.execute': tasksExecute,
  'tasks.copy': tasksCopy,
  'tasks.cancel': tasksCancel,
  'tasks.complete': tasksComplete,
  'tasks.skip': tasksSkip,
  'tasks.pause': tasksPause,
  'tasks.resume': tasksResume,
  'tasks.retry': tasksRetry,
  'tasks.bulk': tasksBulk,
  'tasks.import': tasksImport,
  'tasks.signal': tasksSignal,
  'waits.list': waitsList,
  'waits.answer': waitsAnswer,
  'waits.link': waitsLink,
  'tasks.events': tasksEvents,
  'tasks.status': tasksStatus,
  'tasks.subscribe': tasksSubscribe,
  'tasks.unsubscribe': tasksUnsubscribe,
  'tasks.attempts': tasksAttempts,
  'tasks.logs': tasksLogs,
  'tasks.failures': tasksFailures,
  'tasks.explain': tasksExplain,
  'tasks.graph': tasksGraph,
  'tasks.times': tasksTimes,
  'tasks.diff': tasksDiff,
  'tasks.running.list': tasksRunningList,
  'tasks.running.count': tasksRunningCount,
  'holds.set': holdsSet,
  'holds.release': holdsRelease,
  'holds.list': holdsList,
  'holds.history': holdsHistory,
  'limits.get': limitsGet,
  'limits.set': limitsSet,
  'limits.reset': limitsReset,
  'limits.history': limitsHistory,
  'archives.list': archivesList,
  'archives.verify': archivesVerify,
  'archives.restore': archivesRestore,
  'archives.delete': archivesDelete,
  'retention.apply': retentionApply,
  'executors.list': executorsList,
  'executors.get': executorsGet,
  'extensions.list': extensionsList,
  'system.health': systemHealth,
  'system.info': systemInfo,
  'rpc.discover': rpcDiscover,
} as const satisfies Readonly<Record<string, MethodSpec>>;

export type MethodName = keyof typeof methods;

/** What a caller gives: fields with a default are optional. */
export type Params<Name extends MethodName> = z.input<(typeof methods)[Name]['params']>;
/** What the server works with: validated, defaults filled in. */
export type ParsedParams<Name extends MethodName> = z.output<(typeof methods)[Name]['params']>;
/** What a method answers. */
export type Result<Name extends MethodName> = z.output<(typeof methods)[Name]['result']>;

export const METHOD_NAMES = Object.keys(methods) as readonly MethodName[];

/** True for the name of a method. */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}
