/** TypeORM on a connection that is open: it migrates, and serves what is rarely used. */
import type Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { ENTITIES } from './entities.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/migrations.ts';

/** Destroying the data source closes the connection. */
export function connectOrm(connection: Database.Database, file: string): Promise<DataSource> {
  const source = new DataSource({
    type: 'better-sqlite3',
    // What TypeORM makes its connection with; it gets the one that is there, of our copy of the driver (docs/decisions/0001).
    driver: function openConnection() {
      return connection;
    },
    database: file,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
  });
  return source.initialize();
}
