/** What a run ended with, beside its status. Runs that ended before have nothing. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RunResults1796400000000 implements MigrationInterface {
  readonly name = 'RunResults1796400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "tree" ADD COLUMN "result" text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "tree" DROP COLUMN "result"`);
  }
}
