import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { LabSummary } from '../../../protocol/api.ts';
import { createLab } from '../api/client.ts';
import { ServerGone, problemOf } from '../api/failure.ts';
import { labsQuery, scenariosQuery } from '../api/queries.ts';
import { Brand } from '../app/brand.tsx';
import { DisplayMenu } from '../app/display-menu.tsx';
import { GoneBanner } from '../app/gone-banner.tsx';
import { Layers } from '../app/layers.tsx';
import { navigate } from '../app/navigation.tsx';
import { ProblemNote } from '../app/problem-note.tsx';
import { labPath } from '../app/route.ts';
import { Stage } from '../app/stage.tsx';
import { forgetOtherTabs } from '../terminal/tab-storage.ts';
import styles from './catalogue-page.module.css';
import { RunningLab } from './running-lab.tsx';
import { ScenarioRow } from './scenario-row.tsx';

/** `/`: what can be started, and what is running. One action stands out: go on, or start the first scenario. */
export function CataloguePage() {
  const scenarios = useQuery(scenariosQuery);
  const labs = useQuery(labsQuery);
  const start = useMutation({
    mutationFn: (scenario: string) => createLab({ scenario }),
    onSuccess: (lab) => navigate(labPath(lab.id)),
  });
  useEffect(() => {
    document.title = 'Breachlab';
  }, []);

  useEffect(() => {
    if (labs.data !== undefined) forgetOtherTabs(new Set(labs.data.map(({ id }) => id)));
  }, [labs.data]);

  const error = scenarios.error ?? labs.error;
  if (scenarios.data === undefined || labs.data === undefined) {
    return error === null ? (
      <Stage busy>Looking for scenarios</Stage>
    ) : (
      <Stage>
        <ProblemNote problem={problemOf(error)} />
      </Stage>
    );
  }
  const failed = labs.data.filter(({ status }) => status.state === 'failed');
  const running = labs.data.filter((lab) => !failed.includes(lab));
  const titleOf = (lab: LabSummary) => scenarios.data.find(({ id }) => id === lab.scenario)?.title ?? lab.scenario;
  const only = running.length === 1 ? running[0] : undefined;
  // A cluster without tasks is for tools and tries; it never stands in front.
  const rows = scenarios.data.toSorted((a, b) => Number(b.tasks > 0) - Number(a.tasks > 0));

  return (
    <div className={styles['page']}>
      {error instanceof ServerGone && <GoneBanner />}
      <header className={styles['bar']}>
        <Brand />
        <DisplayMenu />
      </header>
      <main className={styles['main']}>
        <section className={styles['hero']}>
          <div>
            <h1>
              <span>The cluster has been breached.</span> <span>Close it, layer by layer.</span>
            </h1>
            <p>
              Cloud, cluster, container, code: fix each in a real terminal, and let the grader try the attack again.
            </p>
            {only !== undefined && (
              <Button size="md" classNames={{ label: styles['long'] ?? '' }} onClick={() => navigate(labPath(only.id))}>
                Continue {titleOf(only)}
              </Button>
            )}
          </div>
          <span className={styles['figure']}>
            <Layers size={148} shares={[0.86, 0.86, 0.86, 0.86]} />
          </span>
        </section>

        {start.error !== null && <ProblemNote problem={problemOf(start.error)} />}
        {error !== null && !(error instanceof ServerGone) && <ProblemNote problem={problemOf(error)} />}

        {labs.data.length > 0 && (
          <section aria-labelledby="labs">
            <h2 id="labs">{failed.length === 0 ? 'Running labs' : 'Labs'}</h2>
            <ul className={styles['list']}>
              {[...running, ...failed].map((lab) => (
                <RunningLab key={lab.id} lab={lab} title={titleOf(lab)} />
              ))}
            </ul>
          </section>
        )}

        <section aria-labelledby="scenarios">
          <h2 id="scenarios">Scenarios</h2>
          {rows.length === 0 && (
            <p className={styles['empty']}>This server has no scenarios. Add one under scenarios/.</p>
          )}
          <ul className={styles['list']}>
            {rows.map((scenario, i) => (
              <ScenarioRow
                key={scenario.id}
                scenario={scenario}
                primary={i === 0 && only === undefined}
                starting={start.isPending && start.variables === scenario.id}
                disabled={start.isPending}
                onStart={() => start.mutate(scenario.id)}
              />
            ))}
          </ul>
        </section>
      </main>
    </div>
  );
}
