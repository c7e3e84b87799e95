import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { LabState } from '../../protocol/api.ts';
import { LabId } from '../../protocol/ids.ts';
import { Report } from '../../protocol/report.ts';
import { BackendName } from '../../protocol/scenario.ts';
import type { LabStore } from './lab-store.ts';
import { migrate } from './migrations.ts';
import { storeError } from './store-error.ts';

const fromJson = z.string().transform((text): unknown => JSON.parse(text));

const LabRow = z
  .object({
    id: LabId,
    scenario: z.string(),
    backend: BackendName,
    created_at: z.string(),
    generation: z.int(),
    status: fromJson.pipe(LabState),
  })
  .transform(({ created_at: createdAt, ...lab }) => ({ ...lab, createdAt }));

const ReportRow = z.object({ report: fromJson.pipe(Report) });

/**
 * Opens or makes the database at `path` (`:memory:` for none on disk).
 * Throws `LabError` when its schema is too new, when another server has it open, and when it cannot be read or written.
 */
export function openSqliteLabStore(path: string): LabStore {
  const database = new DatabaseSync(path);
  try {
    // One server at a time: two would take each other's labs over. The lock goes with the process, however it ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON');
    database.exec('BEGIN IMMEDIATE; COMMIT');
    migrate(database);
  } catch (cause) {
    database.close();
    throw storeError(path, cause);
  }

  const selectLabs = database.prepare('SELECT * FROM labs ORDER BY created_at, id');
  const upsertLab = database.prepare(
    `INSERT INTO labs (id, scenario, backend, created_at, generation, status) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET generation = excluded.generation, status = excluded.status`,
  );
  const deleteLab = database.prepare('DELETE FROM labs WHERE id = ?');
  const upsertReport = database.prepare(
    `INSERT INTO reports (lab, generation, report) SELECT id, ?2, ?3 FROM labs WHERE id = ?1
     ON CONFLICT (lab, generation) DO UPDATE SET report = excluded.report`,
  );
  const selectReport = database.prepare('SELECT report FROM reports WHERE lab = ? AND generation = ?');

  const written = (write: () => unknown): void => {
    try {
      write();
    } catch (cause) {
      throw storeError(path, cause);
    }
  };
  return {
    labs: async () => selectLabs.all().map((row) => LabRow.parse(row)),
    async saveLab({ id, scenario, backend, createdAt, generation, status }) {
      written(() => upsertLab.run(id, scenario, backend, createdAt, generation, JSON.stringify(status)));
    },
    async deleteLab(id) {
      written(() => deleteLab.run(id));
    },
    async saveReport(id, generation, report) {
      written(() => upsertReport.run(id, generation, JSON.stringify(report)));
    },
    async report(id, generation) {
      const row = selectReport.get(id, generation);
      return row === undefined ? undefined : ReportRow.parse(row).report;
    },
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}
