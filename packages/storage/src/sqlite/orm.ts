/** TypeORM on an open connection. It migrates the file and serves tables that are rarely used. */
import type Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { ENTITIES } from './entities.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/migrations.ts';

/** Destroying the data source closes the connection. */
export function connectOrm(connection: Database.Database, file: string): Promise<DataSource> {
  const source = new DataSource({
    type: 'better-sqlite3',
    // TypeORM calls this to make a connection. It gets the open one, which our copy of the driver made (docs/decisions/0001).
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
