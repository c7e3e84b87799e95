import { VisuallyHidden } from '@mantine/core';
import type { Run } from './grading.ts';
import { spokenSummary } from './score.ts';

/** Tells a screen reader that checking has begun and what came of it, once each. */
export function RunAnnouncer({ run }: { run: Run }) {
  return (
    <VisuallyHidden>
      <div role="status" aria-live="polite" data-summary>
        {wordsOf(run)}
      </div>
    </VisuallyHidden>
  );
}

function wordsOf(run: Run): string {
  switch (run.state) {
    case 'idle':
      return '';
    case 'running':
      return 'Checking.';
    case 'done':
      return spokenSummary(
        run.report.tasks.flatMap(({ results }) => results),
        run.report.score,
      );
    case 'broken':
      return ''; // the problem is an alert of its own
    default:
      return run satisfies never;
  }
}
