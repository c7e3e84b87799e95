import { IconCircleCheckFilled } from '@tabler/icons-react';
import type { Score } from '../../../protocol/report.ts';
import { Link } from '../app/navigation.tsx';
import styles from './solved-note.module.css';

/** Once everything is solved: that it is, and what there is to do next. */
export function SolvedNote({ score: { earned, total } }: { score: Score }) {
  if (total === 0 || earned < total) return null;
  return (
    <p className={styles['note']} data-solved>
      <IconCircleCheckFilled size={18} aria-hidden />
      <span>
        <strong>
          All solved: {total} of {total} points.
        </strong>{' '}
        Reset the lab to find another way, or choose from <Link href="/">all scenarios</Link>.
      </span>
    </p>
  );
}
