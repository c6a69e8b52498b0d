/** What tasks wrote. Nothing was kept before. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `CREATE TABLE "task_log" (
    "no" integer PRIMARY KEY NOT NULL,
    "task_id" text NOT NULL,
    "attempt" integer NOT NULL,
    "first_number" integer NOT NULL,
    "count" integer NOT NULL,
    "chars" integer NOT NULL,
    "lines" text NOT NULL)`,
  `CREATE INDEX "task_log_task" ON "task_log" ("task_id")`,
];

export class TaskLogs1796600000000 implements MigrationInterface {
  readonly name = 'TaskLogs1796600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "task_log"`);
  }
}
