import type { ReactNode } from 'react';
import { Layers } from './layers.tsx';
import styles from './stage.module.css';

interface StageProps {
  readonly busy?: boolean;
  /** Whether it is a part of a page, not all of it. */
  readonly inPane?: boolean;
  readonly children: ReactNode;
}

/** One thing in the middle of a page or pane: a wait, a problem, an empty place. */
export function Stage({ busy = false, inPane = false, children }: StageProps) {
  const Place = inPane ? 'div' : 'main';
  return (
    <Place className={styles['stage']} aria-busy={busy}>
      <div className={styles['content']}>
        {busy && (
          <span className={styles['busy']}>
            <Layers size={56} />
          </span>
        )}
        {children}
      </div>
    </Place>
  );
}
