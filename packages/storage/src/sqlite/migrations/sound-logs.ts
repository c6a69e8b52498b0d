/** Adds checksums of events, and trees that are set aside because their log can not be read. Older rows have neither. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `ALTER TABLE "event" ADD COLUMN "checks" text`,
  `ALTER TABLE "tree" ADD COLUMN "quarantined" integer`,
  `CREATE INDEX "tree_quarantined" ON "tree" ("quarantined") WHERE "quarantined" IS NOT NULL`,
];

const DOWN: readonly string[] = [
  `DROP INDEX "tree_quarantined"`,
  `ALTER TABLE "tree" DROP COLUMN "quarantined"`,
  `ALTER TABLE "event" DROP COLUMN "checks"`,
];

export class SoundLogs1796000000000 implements MigrationInterface {
  readonly name = 'SoundLogs1796000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}
