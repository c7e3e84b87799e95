import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { LabId } from '../../../protocol/ids.ts';
import { ServerGone, problemOf } from '../api/failure.ts';
import { labQuery } from '../api/queries.ts';
import { ProblemNote } from '../app/problem-note.tsx';
import { Stage } from '../app/stage.tsx';
import { Workbench } from './workbench.tsx';

/** `/labs/:id`. A lab that was seen once stays on the page while the server is gone. */
export function LabPage({ lab }: { lab: LabId }) {
  const { data, error } = useQuery(labQuery(lab));
  const title = data?.scenarioDetail.title;
  useEffect(() => {
    document.title = title === undefined ? 'Breachlab' : `${title} · Breachlab`;
  }, [title]);

  if (data !== undefined && (error === null || error instanceof ServerGone)) {
    return <Workbench lab={data} gone={error !== null} />;
  }
  if (error === null) return <Stage busy>Opening the lab</Stage>;
  return (
    <Stage>
      <ProblemNote problem={problemOf(error)} home />
    </Stage>
  );
}
