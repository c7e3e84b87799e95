import { useState } from 'react';
import type { ScenarioDetail } from '../../../protocol/api.ts';
import type { HostName } from '../../../protocol/host.ts';
import type { Grader } from '../report/use-grading.ts';
import { LAYER_NAMES } from './layer-names.ts';
import { Markdown } from './markdown.tsx';
import type { Layer } from './standing.ts';
import { TaskCard } from './task-card.tsx';
import styles from './task-panel.module.css';

interface TaskPanelProps {
  readonly scenario: ScenarioDetail;
  /** Whether nothing has been checked yet: then the story comes first. */
  readonly fresh: boolean;
  readonly layers: readonly Layer[];
  readonly grader: Grader;
  readonly checkable: boolean;
  readonly onOpenHost: (host: HostName) => void;
}

/** The story, and the tasks by layer from the cloud inwards. */
export function TaskPanel({ scenario, fresh, layers, grader, checkable, onOpenHost }: TaskPanelProps) {
  const { grading, check } = grader;
  const [storyFirst] = useState(fresh); // closing it by itself later would move the text under the reader
  const [open, setOpen] = useState<ReadonlySet<string>>(() => firstOpen(layers));
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  const inUse = layers.filter(({ tasks }) => tasks.length > 0);

  return (
    <div className={styles['panel']}>
      {scenario.story !== '' && (
        <details className={styles['story']} open={storyFirst}>
          <summary>The story</summary>
          <Markdown text={scenario.story} />
        </details>
      )}
      {inUse.length === 0 && (
        <p className={styles['empty']}>This scenario has no tasks: the cluster is yours to try things on.</p>
      )}
      {inUse.map(({ c, tasks, score }) => (
        <section key={c} aria-labelledby={`layer-${c}`}>
          <header className={styles['layer']}>
            <h2 id={`layer-${c}`}>{LAYER_NAMES[c]}</h2>
            <span className={styles['score']}>
              {score.earned} <span>/ {score.total}</span>
            </span>
          </header>
          {tasks.map((task) => (
            <TaskCard
              key={task.id}
              task={task}
              grading={grading}
              open={open.has(task.id)}
              checkable={checkable}
              onToggle={() => toggle(task.id)}
              onCheck={() => check(task.id)}
              onOpenHost={onOpenHost}
            />
          ))}
        </section>
      ))}
    </div>
  );
}

function firstOpen(layers: readonly Layer[]): ReadonlySet<string> {
  const first = layers.flatMap(({ tasks }) => tasks)[0];
  return new Set(first === undefined ? [] : [first.id]);
}
