/**
 * The tables as TypeORM knows them. The migrations create them; a test fails when the two differ.
 *
 * `no` of a task or event is `tree.no * 2^32 + position`, computed inside SQLite and never read whole, because it may exceed what a
 * JavaScript number holds. One integer key per row is what makes appends cheap (docs/decisions/0021).
 */
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { DefinitionRow, TreeRow } from '../record/rows.ts';

const integer = (name: string): EntitySchemaColumnOptions => ({ type: 'integer', name });
const text = (name: string): EntitySchemaColumnOptions => ({ type: 'text', name });
const optional = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, nullable: true });
const key = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, primary: true });

interface TreeEntity extends TreeRow {
  readonly no: number;
  readonly idempotencyKey: string | null;
  readonly taskStatuses: number;
  readonly quarantined: number | null;
  readonly rootIndex: number;
}

const treeEntity = new EntitySchema<TreeEntity>({
  name: 'tree',
  columns: {
    no: key(integer('no')),
    id: text('id'),
    name: text('name'),
    userId: text('user_id'),
    idempotencyKey: optional(text('idempotency_key')),
    status: integer('status'),
    seq: integer('seq'),
    counts: text('counts'),
    taskStatuses: integer('task_statuses'),
    taskCount: integer('task_count'),
    rootIndex: integer('root_index'),
    inputs: optional(text('inputs')),
    variables: optional(text('variables')),
    policies: optional(text('policies')),
    definitionHash: text('definition_hash'),
    origin: optional(text('origin')),
    error: optional(text('error')),
    reason: optional(text('reason')),
    createdAtMs: integer('created_at_ms'),
    startedAtMs: optional(integer('started_at_ms')),
    endedAtMs: optional(integer('ended_at_ms')),
    deadlineAtMs: optional(integer('deadline_at_ms')),
    quarantined: optional(integer('quarantined')),
    pauses: optional(text('pauses')),
    result: optional(text('result')),
  },
  indices: [
    { name: 'tree_id', columns: ['id'], unique: true },
    { name: 'tree_status', columns: ['status'] },
    { name: 'tree_user', columns: ['userId'] },
    { name: 'tree_quarantined', columns: ['quarantined'], where: '"quarantined" IS NOT NULL' },
    {
      name: 'tree_idempotency_key',
      columns: ['userId', 'idempotencyKey'],
      unique: true,
      where: '"idempotency_key" IS NOT NULL',
    },
  ],
});

interface TaskEntity extends Omit<DefinitionRow, 'treeId' | 'rootIndex' | 'parentId' | 'index'> {
  readonly no: number;
  readonly originalTaskId: string | null;
}

const taskEntity = new EntitySchema<TaskEntity>({
  name: 'task',
  columns: {
    no: key(integer('no')),
    parent: optional(integer('parent')),
    id: optional(text('id')),
    key: optional(text('key')),
    name: text('name'),
    executor: optional(text('executor')),
    dependencies: optional(text('dependencies')),
    rest: optional(text('rest')),
    originalTaskId: optional(text('original_task_id')),
  },
  indices: [
    { name: 'task_id', columns: ['id'], unique: true, where: '"id" IS NOT NULL' },
    { name: 'task_original', columns: ['originalTaskId'], where: '"original_task_id" IS NOT NULL' },
  ],
});

/** Executions of tasks. A task without a row here has not changed since it was created. */
const taskExecutionEntity = new EntitySchema({
  name: 'task_execution',
  columns: {
    no: key(integer('no')),
    status: integer('status'),
    attempt: integer('attempt'),
    input: optional(text('input')),
    output: optional(text('output')),
    readyAtMs: optional(integer('ready_at_ms')),
    startedAtMs: optional(integer('started_at_ms')),
    endedAtMs: optional(integer('ended_at_ms')),
    rare: optional(text('rare')),
  },
});

const taskTagEntity = new EntitySchema({
  name: 'task_tag',
  withoutRowid: true,
  columns: { tag: key(text('tag')), no: key(integer('no')) },
  indices: [{ name: 'task_tag_no', columns: ['no'] }],
});

/** Segments of logs. `no` is the number of the first event. */
const eventEntity = new EntitySchema({
  name: 'event',
  columns: {
    no: key(integer('no')),
    version: integer('version'),
    lines: text('lines'),
    checks: optional(text('checks')),
  },
});

/** Pieces of a TreeCreated event that is too long for one text. `no` is the number of the event. */
const eventPartEntity = new EntitySchema({
  name: 'event_part',
  withoutRowid: true,
  columns: { no: key(integer('no')), part: key(integer('part')), data: text('data') },
});

const snapshotEntity = new EntitySchema({
  name: 'snapshot',
  columns: {
    treeId: key(text('tree_id')),
    seq: key(integer('seq')),
    version: integer('version'),
    state: text('state'),
    checksum: text('checksum'),
    pieces: { ...integer('pieces'), default: 0 },
  },
});

const snapshotPieceEntity = new EntitySchema({
  name: 'snapshot_piece',
  columns: {
    treeId: key(text('tree_id')),
    seq: key(integer('seq')),
    piece: key(integer('piece')),
    tasks: text('tasks'),
  },
});

interface SubscriberCursorEntity {
  readonly treeId: string;
  readonly subscriberId: string;
  readonly seq: number;
}

export const subscriberCursorEntity = new EntitySchema<SubscriberCursorEntity>({
  name: 'subscriber_cursor',
  withoutRowid: true,
  columns: { treeId: key(text('tree_id')), subscriberId: key(text('subscriber_id')), seq: integer('seq') },
});

const engineEventEntity = new EntitySchema({
  name: 'engine_event',
  columns: {
    seq: key(integer('seq')),
    version: integer('version'),
    atMs: integer('at_ms'),
    type: text('type'),
    actor: text('actor'),
    data: text('data'),
  },
});

/** Chunks of what tasks wrote. `no` is the offset of the first line. */
const taskLogEntity = new EntitySchema({
  name: 'task_log',
  columns: {
    no: key(integer('no')),
    taskId: text('task_id'),
    attempt: integer('attempt'),
    firstNumber: integer('first_number'),
    count: integer('count'),
    chars: integer('chars'),
    lines: text('lines'),
  },
  indices: [{ name: 'task_log_task', columns: ['taskId'] }],
});

/** Texts of large values, once each. */
const contentEntity = new EntitySchema({
  name: 'content',
  columns: { no: key(integer('no')), hash: { type: 'blob', name: 'hash' }, text: text('text') },
  indices: [{ name: 'content_hash', columns: ['hash'], unique: true }],
});

/** Which trees use a content. */
const contentUseEntity = new EntitySchema({
  name: 'content_use',
  withoutRowid: true,
  columns: { tree: key(integer('tree')), content: key(integer('content')) },
  indices: [{ name: 'content_use_content', columns: ['content'] }],
});

export const ENTITIES = [
  treeEntity,
  taskEntity,
  taskExecutionEntity,
  taskTagEntity,
  eventEntity,
  eventPartEntity,
  snapshotEntity,
  snapshotPieceEntity,
  subscriberCursorEntity,
  engineEventEntity,
  taskLogEntity,
  contentEntity,
  contentUseEntity,
];
