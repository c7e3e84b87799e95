import styles from './brand.module.css';
import { Link } from './navigation.tsx';

/** The mark: two squares, the outer one breached. */
export function Brand({ wordmark = true }: { wordmark?: boolean }) {
  return (
    <Link href="/" className={styles['brand']} aria-label="Breachlab, all scenarios">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="7" className={styles['ground']} />
        <g className={styles['lines']}>
          <path d="M20 6H9a3 3 0 0 0-3 3v14a3 3 0 0 0 3 3h14a3 3 0 0 0 3-3V12" />
          <rect x="12" y="12" width="8" height="8" rx="1.6" />
        </g>
      </svg>
      {wordmark && <span className={styles['word']}>Breachlab</span>}
    </Link>
  );
}
