import { ActionIcon, Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LabSummary } from '../../../protocol/api.ts';
import { deleteLab } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import { labsQuery } from '../api/queries.ts';
import { ConfirmDialog } from '../app/confirm-dialog.tsx';
import { navigate } from '../app/navigation.tsx';
import { labPath } from '../app/route.ts';
import styles from './catalogue-page.module.css';

const STATES = { starting: 'Starting', ready: 'Ready', resetting: 'Resetting', failed: 'Failed' } as const;

/** One lab that runs: its state, the way back in, and the way to be rid of it. */
export function RunningLab({ lab, title }: { lab: LabSummary; title: string }) {
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteLab(lab.id),
    onSuccess: async () => {
      setAsking(false);
      await queries.invalidateQueries(labsQuery);
    },
  });
  const since = new Date(lab.createdAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const { status } = lab;
  return (
    <li className={styles['row']}>
      <div className={styles['about']}>
        <h3>{title}</h3>
        <p className={styles['facts']}>
          <span className={styles[status.state]}>{STATES[status.state]}</span>
          {'step' in status && `: ${status.step}`} · {lab.backend} · since {since} · <code>{lab.id}</code>
        </p>
        {status.state === 'failed' && <p>{status.problem.detail}</p>}
      </div>
      <div className={styles['actions']}>
        <Button variant="default" onClick={() => navigate(labPath(lab.id))}>
          Open
        </Button>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          aria-label={`Delete the lab ${title}, ${lab.id}`}
          title="Delete"
          onClick={() => setAsking(true)}
        >
          <IconTrash size={18} />
        </ActionIcon>
      </div>
      <ConfirmDialog
        opened={asking}
        title="Delete this lab?"
        action="Delete lab"
        busy={remove.isPending}
        problem={remove.error === null ? null : problemOf(remove.error)}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        Its machines, shells and results are gone for good.
      </ConfirmDialog>
    </li>
  );
}
