import type { ReactNode } from 'react';
import { Layers } from './layers.tsx';
import styles from './stage.module.css';

/** One thing in the middle of a page or pane: a wait, a problem, an empty place. */
export function Stage({ busy = false, children }: { busy?: boolean; children: ReactNode }) {
  return (
    <div className={styles['stage']} aria-busy={busy}>
      <div className={styles['content']}>
        {busy && (
          <span className={styles['busy']}>
            <Layers size={56} />
          </span>
        )}
        {children}
      </div>
    </div>
  );
}
