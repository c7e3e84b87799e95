import { IconPlugConnectedX } from '@tabler/icons-react';
import styles from './gone-banner.module.css';

/** Says that the server is gone, above a page that stays readable. It goes away by itself when the server is back. */
export function GoneBanner() {
  return (
    <div className={styles['banner']} role="status">
      <IconPlugConnectedX size={18} aria-hidden />
      <span>
        <strong>The server does not answer.</strong> Trying again. If it was stopped, start it with{' '}
        <code>./breachlab up</code>.
      </span>
    </div>
  );
}
