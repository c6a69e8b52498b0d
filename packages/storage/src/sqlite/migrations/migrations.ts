/** All migrations, in the order in which they are made. */
import { InitialSchema1795737600000 } from './initial-schema.ts';

export const MIGRATIONS = [InitialSchema1795737600000];

/** Where TypeORM notes which have been made. */
export const MIGRATIONS_TABLE = 'migration';
