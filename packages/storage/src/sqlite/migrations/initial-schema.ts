/** The first schema. Migrations that have been released are never changed; a new one follows. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPLICATION_ID } from '../application-id.ts';

const UP: readonly string[] = [
  `CREATE TABLE "tree" (
    "no" integer PRIMARY KEY NOT NULL,
    "id" text NOT NULL,
    "name" text NOT NULL,
    "user_id" text NOT NULL,
    "idempotency_key" text,
    "status" integer NOT NULL,
    "seq" integer NOT NULL,
    "counts" text NOT NULL,
    "task_statuses" integer NOT NULL,
    "task_count" integer NOT NULL,
    "root_index" integer NOT NULL,
    "inputs" text,
    "variables" text,
    "policies" text,
    "definition_hash" text NOT NULL,
    "origin" text,
    "error" text,
    "reason" text,
    "created_at_ms" integer NOT NULL,
    "started_at_ms" integer,
    "ended_at_ms" integer,
    "deadline_at_ms" integer)`,
  `CREATE UNIQUE INDEX "tree_id" ON "tree" ("id")`,
  `CREATE INDEX "tree_status" ON "tree" ("status")`,
  `CREATE INDEX "tree_user" ON "tree" ("user_id")`,
  `CREATE UNIQUE INDEX "tree_idempotency_key" ON "tree" ("user_id", "idempotency_key") WHERE "idempotency_key" IS NOT NULL`,

  `CREATE TABLE "task" (
    "no" integer PRIMARY KEY NOT NULL,
    "parent" integer,
    "id" text,
    "key" text,
    "name" text NOT NULL,
    "executor" text,
    "dependencies" text,
    "rest" text,
    "original_task_id" text)`,
  `CREATE UNIQUE INDEX "task_id" ON "task" ("id") WHERE "id" IS NOT NULL`,
  `CREATE INDEX "task_original" ON "task" ("original_task_id") WHERE "original_task_id" IS NOT NULL`,

  `CREATE TABLE "task_execution" (
    "no" integer PRIMARY KEY NOT NULL,
    "status" integer NOT NULL,
    "attempt" integer NOT NULL,
    "input" text,
    "output" text,
    "ready_at_ms" integer,
    "started_at_ms" integer,
    "ended_at_ms" integer,
    "rare" text)`,

  `CREATE TABLE "task_tag" (
    "tag" text NOT NULL,
    "no" integer NOT NULL,
    PRIMARY KEY ("tag", "no")) WITHOUT ROWID`,
  `CREATE INDEX "task_tag_no" ON "task_tag" ("no")`,

  `CREATE TABLE "event" (
    "no" integer PRIMARY KEY NOT NULL,
    "version" integer NOT NULL,
    "lines" text NOT NULL)`,

  `CREATE TABLE "event_part" (
    "no" integer NOT NULL,
    "part" integer NOT NULL,
    "data" text NOT NULL,
    PRIMARY KEY ("no", "part")) WITHOUT ROWID`,

  `CREATE TABLE "snapshot" (
    "tree_id" text NOT NULL,
    "seq" integer NOT NULL,
    "version" integer NOT NULL,
    "state" text NOT NULL,
    "checksum" text NOT NULL,
    PRIMARY KEY ("tree_id", "seq"))`,

  `CREATE TABLE "subscriber_cursor" (
    "tree_id" text NOT NULL,
    "subscriber_id" text NOT NULL,
    "seq" integer NOT NULL,
    PRIMARY KEY ("tree_id", "subscriber_id")) WITHOUT ROWID`,

  `PRAGMA application_id = ${APPLICATION_ID}`,
];

const TABLES = ['subscriber_cursor', 'snapshot', 'event_part', 'event', 'task_tag', 'task_execution', 'task', 'tree'];

export class InitialSchema1795737600000 implements MigrationInterface {
  readonly name = 'InitialSchema1795737600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) await queryRunner.query(`DROP TABLE "${table}"`);
    await queryRunner.query('PRAGMA application_id = 0');
  }
}
