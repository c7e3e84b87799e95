import { describe, expect, test } from 'vitest';
import { LabId } from '../../protocol/ids.ts';
import type { Report } from '../../protocol/report.ts';
import type { LabStore, StoredLab } from './lab-store.ts';

const lab: StoredLab = {
  id: LabId.parse('abcdefghij'),
  scenario: 'breach',
  backend: 'simulated',
  createdAt: '2026-01-02T03:04:05.000Z',
  generation: 0,
  status: { state: 'starting', step: 'starting' },
};

const report = (earned: number): Report => {
  const score = { earned, total: 10 };
  const byC = { cloud: score, cluster: score, container: score, code: score };
  return { scenario: 'breach', backend: 'simulated', startedAt: lab.createdAt, milliseconds: 1, score, byC, tasks: [] };
};

/** What every store must do. `open` makes an empty one. */
export function describeLabStore(name: string, open: () => Promise<LabStore>): void {
  describe(`${name} as a lab store`, () => {
    test('lists labs, the oldest first', async () => {
      await using store = await open();
      const older = { ...lab, id: LabId.parse('zzzzzzzzzz'), createdAt: '2025-01-02T03:04:05.000Z' };
      await store.saveLab(lab);
      await store.saveLab(older);
      expect(await store.labs()).toEqual([older, lab]);
    });

    test('replaces what it knew of a lab', async () => {
      await using store = await open();
      await store.saveLab(lab);
      const ready: StoredLab = { ...lab, generation: 1, status: { state: 'ready' } };
      await store.saveLab(ready);
      expect(await store.labs()).toEqual([ready]);
    });

    test('keeps the latest report of each generation of a lab', async () => {
      await using store = await open();
      await store.saveLab(lab);
      await store.saveReport(lab.id, 0, report(1));
      await store.saveReport(lab.id, 0, report(2));
      await store.saveLab({ ...lab, generation: 1 });
      expect(await store.report(lab.id, 0)).toEqual(report(2));
      expect(await store.report(lab.id, 1)).toBeUndefined();
    });

    test('forgets the reports with the lab', async () => {
      await using store = await open();
      await store.saveLab(lab);
      await store.saveReport(lab.id, 0, report(1));
      await store.deleteLab(lab.id);
      await store.deleteLab(lab.id);
      await store.saveReport(lab.id, 0, report(2));
      await store.saveLab(lab);
      expect(await store.report(lab.id, 0)).toBeUndefined();
    });
  });
}
