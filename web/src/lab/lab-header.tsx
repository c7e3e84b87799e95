import { ActionIcon, Button } from '@mantine/core';
import { IconHelp, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import type { LabDetail } from '../../../protocol/api.ts';
import { Brand } from '../app/brand.tsx';
import { DisplayMenu } from '../app/display-menu.tsx';
import { Layers } from '../app/layers.tsx';
import { sumOfScores } from '../report/score.ts';
import type { Grader } from '../report/use-grading.ts';
import { LAYER_NAMES } from '../tasks/layer-names.ts';
import type { Layer } from '../tasks/standing.ts';
import { CheckProgress } from './check-progress.tsx';
import { LabClock } from './lab-clock.tsx';
import styles from './lab-header.module.css';
import { ResetDialog } from './reset-dialog.tsx';

interface LabHeaderProps {
  readonly lab: LabDetail;
  readonly layers: readonly Layer[];
  readonly grader: Grader;
  readonly checkable: boolean;
  readonly onHelp: () => void;
}

/** What the lab is, how far it has come, and what can be done with all of it. */
export function LabHeader({ lab, layers, grader, checkable, onHelp }: LabHeaderProps) {
  const [resetting, setResetting] = useState(false);
  const { run } = grader.grading;
  const { title, minutes } = lab.scenarioDetail;
  const busy = lab.status.state === 'starting' || lab.status.state === 'resetting';
  const total = sumOfScores(layers.map(({ score }) => score));
  const shares = layers.map(({ score }) => (score.total === 0 ? 0 : score.earned / score.total));
  return (
    <header className={styles['header']}>
      <div className={styles['bar']}>
        <Brand wordmark={false} />
        <div className={styles['name']}>
          <h1>{title}</h1>
          <p>
            <LabClock since={lab.createdAt} minutes={minutes} /> · {lab.backend}
          </p>
        </div>
        {total.total > 0 && (
          <div className={styles['standing']}>
            <Layers size={40} shares={shares} />
            <dl className={styles['layers']}>
              {layers
                .filter(({ score }) => score.total > 0)
                .map(({ c, score }) => (
                  <div key={c}>
                    <dt>{LAYER_NAMES[c]}</dt>
                    <dd>
                      {score.earned}/{score.total}
                    </dd>
                  </div>
                ))}
            </dl>
            <p className={styles['total']} data-score>
              <strong>{total.earned}</strong> of {total.total}
            </p>
          </div>
        )}
        <div className={styles['actions']}>
          {total.total > 0 &&
            (run.state === 'running' ? (
              <Button variant="default" className={styles['check'] ?? ''} onClick={grader.cancel}>
                {run.checks === null ? 'Stop checking' : `Stop at ${run.arrived.size} of ${run.checks}`}
              </Button>
            ) : (
              <Button className={styles['check'] ?? ''} disabled={!checkable} onClick={() => grader.check(null)}>
                Check all
              </Button>
            ))}
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            // Not `disabled`, which would take the focus from whoever has just reset the lab with the keyboard.
            {...(busy && { 'data-disabled': true, 'aria-disabled': true })}
            onClick={() => setResetting(!busy)}
          >
            Reset
          </Button>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Keyboard and help"
            title="Help"
            onClick={onHelp}
          >
            <IconHelp size={20} />
          </ActionIcon>
          <DisplayMenu terminal />
        </div>
      </div>
      <CheckProgress run={run} />
      <ResetDialog lab={lab.id} opened={resetting} onClose={() => setResetting(false)} />
    </header>
  );
}
