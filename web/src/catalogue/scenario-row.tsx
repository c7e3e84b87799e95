import { Button } from '@mantine/core';
import type { ScenarioSummary } from '../../../protocol/api.ts';
import styles from './catalogue-page.module.css';

interface ScenarioRowProps {
  readonly scenario: ScenarioSummary;
  readonly primary: boolean;
  readonly starting: boolean;
  readonly disabled: boolean;
  readonly onStart: () => void;
}

/** One scenario: what it is about, how long it takes, and the way in. */
export function ScenarioRow({ scenario, primary, starting, disabled, onStart }: ScenarioRowProps) {
  const { title, summary, minutes, tasks, points } = scenario;
  const facts = [
    ...(tasks > 0 ? [`${tasks} ${tasks === 1 ? 'task' : 'tasks'}`, `${points} points`] : ['Nothing to grade']),
    ...(minutes > 0 ? [`${minutes} minutes`] : []),
  ];
  return (
    <li className={styles['row']}>
      <div className={styles['about']}>
        <h3>{title}</h3>
        <p>{summary}</p>
        <p className={styles['facts']}>{facts.join(' · ')}</p>
      </div>
      <Button
        variant={primary ? 'filled' : 'default'}
        loading={starting}
        disabled={disabled && !starting}
        onClick={onStart}
      >
        Start lab
      </Button>
    </li>
  );
}
