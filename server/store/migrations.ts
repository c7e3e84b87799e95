import type { DatabaseSync } from 'node:sqlite';
import { LabError } from '../../clusters/cluster.ts';

/** Step n brings a database of `user_version` n to n + 1. A step that was released is never edited; a new one is added. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE labs (
     id TEXT PRIMARY KEY, scenario TEXT NOT NULL, backend TEXT NOT NULL, created_at TEXT NOT NULL,
     generation INTEGER NOT NULL, status TEXT NOT NULL
   ) STRICT;
   CREATE TABLE reports (
     lab TEXT NOT NULL REFERENCES labs (id) ON DELETE CASCADE, generation INTEGER NOT NULL, report TEXT NOT NULL,
     PRIMARY KEY (lab, generation)
   ) STRICT;`,
];

/**
 * Brings the schema up to date, each step in a transaction of its own.
 * Throws `LabError` when a newer Breachlab has written the database.
 */
export function migrate(database: DatabaseSync, steps: readonly string[] = MIGRATIONS): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > steps.length) {
    throw new LabError(
      `The database has schema ${version}; this Breachlab knows ${steps.length} at most.`,
      'Start the newer Breachlab that wrote it, or name another data directory.',
    );
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(step);
      database.exec(`PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (cause) {
      database.exec('ROLLBACK');
      throw cause;
    }
  }
}
