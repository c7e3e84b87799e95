import type { LabId } from '../../protocol/ids.ts';
import type { LabState } from '../../protocol/api.ts';
import type { Report } from '../../protocol/report.ts';
import type { BackendName } from '../../protocol/scenario.ts';

/** What a server must know of a lab after it was started again. */
export interface StoredLab {
  readonly id: LabId;
  readonly scenario: string;
  readonly backend: BackendName;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly generation: number;
  readonly status: LabState;
}

/** The memory of a server. Every implementation passes `describeLabStore` in lab-store-contract.ts. */
export interface LabStore extends AsyncDisposable {
  /** Oldest first. */
  labs(): Promise<readonly StoredLab[]>;
  /** Adds the lab or replaces what is known of it. */
  saveLab(lab: StoredLab): Promise<void>;
  /** Forgets the lab and its reports; an unknown id is no error. */
  deleteLab(id: LabId): Promise<void>;
  /** Keeps the latest report of that generation of the lab. A lab that is gone by now keeps none. */
  saveReport(id: LabId, generation: number, report: Report): Promise<void>;
  report(id: LabId, generation: number): Promise<Report | undefined>;
}
