/** Large values, kept once for each text, and the trees that use them. Before, each event and row held its values itself; these stay as they are. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `CREATE TABLE "content" ("no" integer PRIMARY KEY NOT NULL, "hash" blob NOT NULL, "text" text NOT NULL)`,
  `CREATE UNIQUE INDEX "content_hash" ON "content" ("hash")`,
  `CREATE TABLE "content_use" (
    "tree" integer NOT NULL,
    "content" integer NOT NULL,
    PRIMARY KEY ("tree", "content")) WITHOUT ROWID`,
  `CREATE INDEX "content_use_content" ON "content_use" ("content")`,
];

export class Contents1796750000000 implements MigrationInterface {
  readonly name = 'Contents1796750000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  /** Refused where there are large values: events would lose them. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const [row] = (await queryRunner.query(`SELECT count(*) AS "count" FROM "content"`)) as {
      readonly count: number;
    }[];
    if (Number(row?.count) > 0) throw new Error('There are large values that an older version can not read');
    await queryRunner.query(`DROP TABLE "content_use"`);
    await queryRunner.query(`DROP TABLE "content"`);
  }
}
