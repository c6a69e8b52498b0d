/** What is paused of a tree, as JSON. Nothing was before. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Pauses1796200000000 implements MigrationInterface {
  readonly name = 'Pauses1796200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "tree" ADD COLUMN "pauses" text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "tree" DROP COLUMN "pauses"`);
  }
}
