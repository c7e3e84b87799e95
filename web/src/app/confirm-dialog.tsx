import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '../../../protocol/api.ts';
import styles from './confirm-dialog.module.css';
import { ProblemNote } from './problem-note.tsx';

interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  /** What the button that goes on says. */
  readonly action: string;
  readonly busy: boolean;
  /** Why it did not work, after it was tried. */
  readonly problem: Problem | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  /** What will happen. */
  readonly children: ReactNode;
}

/** Asks before something that cannot be taken back. The way out has the focus first. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, title, action, busy, problem, onConfirm, onClose, children } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ title: styles['title'] ?? '' }}
    >
      <div className={styles['body']}>
        <p>{children}</p>
        {problem !== null && <ProblemNote problem={problem} />}
        <div className={styles['actions']}>
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep it
          </Button>
          <Button color="danger" loading={busy} onClick={onConfirm}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
