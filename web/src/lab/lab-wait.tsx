import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LabDetail } from '../../../protocol/api.ts';
import { resetLab } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import { labQuery } from '../api/queries.ts';
import { ProblemNote } from '../app/problem-note.tsx';
import styles from './lab-wait.module.css';

/** In the place of the terminals: what the lab is waiting for, or why it will not come. */
export function LabWait({ lab }: { lab: LabDetail }) {
  const { status } = lab;
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => resetLab(lab.id),
    onSuccess: () => queries.invalidateQueries(labQuery(lab.id)),
  });
  switch (status.state) {
    case 'ready':
      return null;
    case 'starting':
    case 'resetting':
      return (
        <div role="status">
          <p className={styles['what']}>{status.state === 'starting' ? 'Starting your lab' : 'Resetting your lab'}</p>
          <p>{status.step}</p>
          <p className={styles['meanwhile']}>The tasks are there to read meanwhile.</p>
        </div>
      );
    case 'failed':
      return (
        <ProblemNote problem={again.error === null ? status.problem : problemOf(again.error)} home>
          <Button size="xs" loading={again.isPending} onClick={() => again.mutate()}>
            Try again
          </Button>
        </ProblemNote>
      );
    default:
      return status satisfies never;
  }
}
