/** Adds snapshots in pieces. Older snapshots have no pieces: they hold their tasks themselves. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `ALTER TABLE "snapshot" ADD COLUMN "pieces" integer NOT NULL DEFAULT (0)`,
  `CREATE TABLE "snapshot_piece" (
    "tree_id" text NOT NULL,
    "seq" integer NOT NULL,
    "piece" integer NOT NULL,
    "tasks" text NOT NULL,
    PRIMARY KEY ("tree_id", "seq", "piece"))`,
];

const DOWN: readonly string[] = [`DROP TABLE "snapshot_piece"`, `ALTER TABLE "snapshot" DROP COLUMN "pieces"`];

export class SnapshotPieces1796100000000 implements MigrationInterface {
  readonly name = 'SnapshotPieces1796100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}
