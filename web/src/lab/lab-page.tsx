import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { LabId } from '../../../protocol/ids.ts';
import { ApiProblem, problemOf } from '../api/failure.ts';
import { labQuery } from '../api/queries.ts';
import { ProblemNote } from '../app/problem-note.tsx';
import { Stage } from '../app/stage.tsx';
import { Workbench } from './workbench.tsx';

/** Answers that end a lab's page: not signed in, not allowed, not there. Anything else may pass. */
const FINAL = [401, 403, 404];

/** `/labs/:id`. A lab that was seen once stays on the page while the server is gone. */
export function LabPage({ lab }: { lab: LabId }) {
  const { data, error } = useQuery(labQuery(lab));
  const title = data?.scenarioDetail.title;
  useEffect(() => {
    document.title = title === undefined ? 'Breachlab' : `${title} · Breachlab`;
  }, [title]);

  const isFinal = error instanceof ApiProblem && FINAL.includes(error.problem.status);
  if (data !== undefined && !isFinal) {
    return <Workbench lab={data} gone={error !== null} />;
  }
  if (error === null) return <Stage busy>Opening the lab</Stage>;
  return (
    <Stage>
      <ProblemNote problem={problemOf(error)} home />
    </Stage>
  );
}
