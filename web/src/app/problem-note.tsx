import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Problem } from '../../../protocol/api.ts';
import { Link } from './navigation.tsx';
import styles from './problem-note.module.css';

interface ProblemNoteProps {
  readonly problem: Problem;
  /** Offers the way to the list of scenarios. */
  readonly home?: boolean;
  /** Buttons that do what the next step says. */
  readonly children?: ReactNode;
}

/** A problem in words: what happened, and what the learner can do now. */
export function ProblemNote({ problem, home = false, children }: ProblemNoteProps) {
  return (
    <div className={styles['note']} role="alert">
      <IconAlertTriangle size={20} className={styles['icon']} aria-hidden />
      <div className={styles['text']}>
        <strong>{problem.title}</strong>
        <p>{problem.detail}</p>
        {problem.nextStep !== undefined && <p className={styles['next']}>{problem.nextStep}</p>}
        {(home || children !== undefined) && (
          <div className={styles['actions']}>
            {children}
            {home && <Link href="/">All scenarios</Link>}
          </div>
        )}
      </div>
    </div>
  );
}
