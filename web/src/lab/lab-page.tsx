import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Problem } from '../../../protocol/api.ts';
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
    return <Workbench lab={data} error={error} />;
  }
  if (error === null) return <Stage busy>Opening the lab</Stage>;
  const problem = problemOf(error);
  return (
    <Stage>
      {/* Whoever is not signed in would be told so by the list of scenarios as well. */}
      <ProblemNote
        problem={data !== undefined && problem.status === 404 ? OVER : problem}
        home={problem.status !== 401}
      />
    </Stage>
  );
}

/** What a lab that was there a moment ago has come to. */
const OVER: Problem = {
  type: 'about:blank',
  title: 'This lab is over',
  status: 404,
  detail: 'It was deleted, or its time was up. Its machines, shells and results went with it.',
  nextStep: 'Start another one from the list of scenarios.',
};
