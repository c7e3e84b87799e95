import type { Run } from '../report/grading.ts';
import styles from './check-progress.module.css';

/** A line along the bottom of the header that grows as results arrive. */
export function CheckProgress({ run }: { run: Run }) {
  if (run.state !== 'running') return null;
  const { arrived, checks } = run;
  const share = checks === null || checks === 0 ? 0 : arrived.size / checks;
  return (
    <div
      className={styles['progress']}
      role="progressbar"
      aria-label="Checking"
      aria-valuemin={0}
      aria-valuenow={arrived.size}
      {...(checks === null ? {} : { 'aria-valuemax': checks })}
    >
      <div className={styles['line']} style={{ scale: `${share} 1` }} />
    </div>
  );
}
