import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LabId } from '../../../protocol/ids.ts';
import { resetLab } from '../api/client.ts';
import { problemOf } from '../api/failure.ts';
import { labQuery } from '../api/queries.ts';
import { ConfirmDialog } from '../app/confirm-dialog.tsx';

/** Asks before the lab goes back to its beginning. */
export function ResetDialog({ lab, opened, onClose }: { lab: LabId; opened: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: () => resetLab(lab),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries(labQuery(lab));
    },
  });
  return (
    <ConfirmDialog
      opened={opened}
      title="Reset this lab?"
      action="Reset lab"
      busy={reset.isPending}
      problem={reset.error === null ? null : problemOf(reset.error)}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    >
      Everything goes back to how it was when the lab began. Your changes, your shells and your score are gone.
    </ConfirmDialog>
  );
}
