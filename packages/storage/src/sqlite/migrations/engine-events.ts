/** The stream of the engine itself. Nothing was in it before. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EngineEvents1796300000000 implements MigrationInterface {
  readonly name = 'EngineEvents1796300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE "engine_event" (
      "seq" integer PRIMARY KEY NOT NULL,
      "version" integer NOT NULL,
      "at_ms" integer NOT NULL,
      "type" text NOT NULL,
      "actor" text NOT NULL,
      "data" text NOT NULL)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "engine_event"`);
  }
}
