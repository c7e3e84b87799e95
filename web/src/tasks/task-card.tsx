import { Button } from '@mantine/core';
import { IconChevronDown, IconTerminal2 } from '@tabler/icons-react';
import { useId } from 'react';
import type { CheckOutline, TaskOutline } from '../../../protocol/api.ts';
import type { HostName } from '../../../protocol/host.ts';
import type { Score } from '../../../protocol/report.ts';
import { findingOf, type Grading } from '../report/grading.ts';
import { MARK_WORDS, VerdictIcon } from '../report/verdict-mark.tsx';
import { CheckRow } from './check-row.tsx';
import { Markdown } from './markdown.tsx';
import { isForfeit, markOfCheck, markOfTask, scoreOf } from './standing.ts';
import styles from './task-card.module.css';

interface TaskCardProps {
  readonly task: TaskOutline;
  readonly grading: Grading;
  readonly open: boolean;
  /** Whether the lab can be checked now. */
  readonly checkable: boolean;
  readonly onToggle: () => void;
  readonly onCheck: () => void;
  readonly onOpenHost: (host: HostName) => void;
}

/** One task: closed a line with its standing, open its text, its checks and the way to check it. */
export function TaskCard({ task, grading, open, checkable, onToggle, onCheck, onOpenHost }: TaskCardProps) {
  const id = useId();
  const mark = markOfTask(grading, task);
  const score = scoreOf(grading, task);
  return (
    <article className={styles['card']} data-task={task.id} data-open={open}>
      <h3 className={styles['heading']}>
        <button type="button" aria-expanded={open} aria-controls={id} onClick={onToggle}>
          <VerdictIcon mark={mark} size={20} />
          <span className={styles['title']}>{task.title}</span>
          <span className={styles['points']}>
            <span className={styles['spoken']}>{MARK_WORDS[mark]}, </span>
            {pointsText(score, grading.scores.has(task.id))}
          </span>
          <IconChevronDown size={17} className={styles['chevron']} aria-hidden />
        </button>
      </h3>
      <div id={id} className={styles['body']} hidden={!open}>
        {open && (
          <>
            {task.text !== '' && <Markdown text={task.text} />}
            {isForfeit(grading, task) && (
              <p className={styles['forfeit']}>
                Earns nothing for now: what has to keep working does not, or could not be observed.
              </p>
            )}
            <Checks title="Checks" outlines={task.checks} task={task} grading={grading} />
            {task.guards.length > 0 && (
              <Checks title="Has to keep working" outlines={task.guards} task={task} grading={grading} />
            )}
            <div className={styles['foot']}>
              <Button
                size="xs"
                variant="light"
                disabled={!checkable}
                loading={grading.run.state === 'running' && grading.run.scope === task.id}
                onClick={onCheck}
                title="Also looks again at the tasks that have points"
              >
                Check this task
              </Button>
              <Button
                size="xs"
                variant="subtle"
                leftSection={<IconTerminal2 size={15} />}
                onClick={() => onOpenHost(task.host)}
              >
                Terminal on {task.host}
              </Button>
              <span className={styles['competencies']} title="Competencies of the CKS curriculum">
                {task.competencies.join('  ')}
              </span>
            </div>
          </>
        )}
      </div>
    </article>
  );
}

function pointsText({ earned, total }: Score, wasChecked: boolean): string {
  if (total === 0) return 'not graded here';
  return wasChecked ? `${earned} / ${total}` : `${total} pts`;
}

interface ChecksProps {
  readonly title: string;
  readonly outlines: readonly CheckOutline[];
  readonly task: TaskOutline;
  readonly grading: Grading;
}

function Checks({ title, outlines, task, grading }: ChecksProps) {
  return (
    <section>
      <h4 className={styles['subtitle']}>{title}</h4>
      <ul className={styles['checks']}>
        {outlines.map((outline) => (
          <CheckRow
            key={outline.id}
            outline={outline}
            mark={markOfCheck(grading, task.id, outline.id)}
            finding={findingOf(grading, task.id, outline.id)}
          />
        ))}
      </ul>
    </section>
  );
}
