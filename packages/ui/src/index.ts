/** @coppice/ui: view models of runs, and the graph and timeline that show them. This door is free of the DOM. */
export type {
  Action,
  AnswerProblem,
  Freshness,
  GraphLook,
  SessionMessage,
  ViewChannel,
  ViewMessage,
  WaitAnswer,
} from './view-channel.ts';
export { attemptsOf } from './model/attempts.ts';
export type { AttemptOutcome, AttemptRow } from './model/attempts.ts';
export { LogFeed } from './model/log-feed.ts';
export type { LogFeedOptions } from './model/log-feed.ts';
export { RunModel } from './model/run-model.ts';
export type { Change } from './model/run-model.ts';
export { RunSession } from './model/run-session.ts';
export type { AttachedView, RunSessionOptions, SessionListener, ViewPort } from './model/run-session.ts';
export {
  STATUS_SYMBOLS,
  shownStatus,
  oneLine,
  spokenTask,
  symbolOf,
  taskDetail,
  taskDurationMs,
  taskProblem,
} from './model/status-look.ts';
export type { AnyStatus } from './model/status-look.ts';
export { answerFields, readAnswer } from './model/answer-fields.ts';
export type { AnswerField } from './model/answer-fields.ts';
export { inputsToAsk, refusedForInputs } from './model/declared-values.ts';
export type { DeclaredValues } from './model/declared-values.ts';
export { serverAnswers } from './model/server-answers.ts';
export { depthFirst } from './model/graph-outline.ts';
export { doBulk, doneText, itemText, previewBulk, previewText } from './model/bulk.ts';
export type { BulkItem, BulkPreview, BulkTarget } from './model/bulk.ts';
export { treesMatching } from './model/tree-filter.ts';
export type { TreeFilter } from './model/tree-filter.ts';
export { canonical, comparedSide, compareRuns } from './model/compare-runs.ts';
export type { ComparedTask, Difference } from './model/compare-runs.ts';
export { discardDraft, draftCopy, draftText, editDraft, runDraft } from './model/copy-draft.ts';
export type { CopyDraft, DraftTask } from './model/copy-draft.ts';
export { BUSY_TEXT, errorText, isBusy } from './model/error-text.ts';
export { heldWhat, holdText, releaseParams } from './model/hold-text.ts';
export {
  freeText,
  isChangeable,
  isResettable,
  LIMIT_HINT,
  setLimitText,
  statsText,
  typedLimit,
  useText,
  waiterText,
  waitingText,
} from './model/limit-text.ts';
export type { GateReport } from './model/limit-text.ts';
export { WaitInbox, waitFactsText } from './model/wait-inbox.ts';
export { readRunFile, savedRun, savedSession } from './model/run-file.ts';
