import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Suspense, lazy, useRef, useState } from 'react';
import type { LabDetail } from '../../../protocol/api.ts';
import type { HostName } from '../../../protocol/host.ts';
import { ServerGone, problemOf } from '../api/failure.ts';
import { GoneBanner } from '../app/gone-banner.tsx';
import { ProblemNote } from '../app/problem-note.tsx';
import { Stage } from '../app/stage.tsx';
import { RunAnnouncer } from '../report/run-announcer.tsx';
import { sumOfScores } from '../report/score.ts';
import { useGrading } from '../report/use-grading.ts';
import { layersOf } from '../tasks/standing.ts';
import { TaskPanel } from '../tasks/task-panel.tsx';
import { useTerminalTabs } from '../terminal/use-terminal-tabs.ts';
import { LabHeader } from './lab-header.tsx';
import { LabWait } from './lab-wait.tsx';
import { PaneSwitch, type Pane } from './pane-switch.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { SolvedNote } from './solved-note.tsx';
import { SplitHandle } from './split-handle.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import styles from './workbench.module.css';

// Fetched at once, beside the lab's description, and not when that has arrived.
const terminalPanel = import('../terminal/terminal-panel.tsx');
const TerminalPanel = lazy(async () => ({ default: (await terminalPanel).TerminalPanel }));

/**
 * A lab on the page: tasks on one side, terminals on the other, or one at a time where the window is narrow. With an `error` it is the lab
 * as it was when the server last answered.
 */
export function Workbench({ lab, error }: { lab: LabDetail; error: Error | null }) {
  const grader = useGrading(lab);
  const tabs = useTerminalTabs(lab);
  const narrow = useMediaQuery('(max-width: 800px)', undefined, { getInitialValueInEffect: false });
  const [pane, setPane] = useState<Pane>('tasks');
  const [help, setHelp] = useState(false);
  const panes = useRef<HTMLDivElement>(null);
  const tasks = useRef<HTMLElement>(null);
  const terminal = useRef<HTMLElement>(null);
  const focusTerminal = useRef(() => {});
  const ready = lab.status.state === 'ready';
  const gone = error instanceof ServerGone;
  const checkable = ready && error === null && grader.grading.run.state !== 'running';
  const layers = layersOf(lab.scenarioDetail.tasks, grader.grading);

  // The pane may have to appear before it can have the focus.
  const goTo = (target: Pane) => {
    setPane(target);
    requestAnimationFrame(() => (target === 'tasks' ? tasks.current?.focus() : focusTerminal.current()));
  };
  const openHost = (host: HostName) => {
    tabs.show(host);
    goTo('terminal');
  };
  useShortcuts({
    tasks: () => goTo('tasks'),
    terminal: () => goTo('terminal'),
    toggle: () => goTo(terminal.current?.contains(document.activeElement) === true ? 'tasks' : 'terminal'),
    check: () => checkable && grader.check(null),
    help: () => setHelp(true),
    tab: (place) => {
      const id = tabs.set.tabs[place]?.id;
      if (id === undefined) return;
      tabs.activate(id);
      goTo('terminal');
    },
  });

  return (
    <div className={styles['page']}>
      <div className={styles['skip']}>
        <button type="button" onClick={() => goTo('tasks')}>
          Skip to the tasks
        </button>
        <button type="button" onClick={() => goTo('terminal')}>
          Skip to the terminal (Ctrl+Alt+J leads out again)
        </button>
      </div>
      <LabHeader lab={lab} layers={layers} grader={grader} checkable={checkable} onHelp={() => setHelp(true)} />
      {gone && <GoneBanner />}
      {error !== null && !gone && (
        <div className={styles['problem']}>
          <ProblemNote problem={problemOf(error)} />
        </div>
      )}
      <SolvedNote score={sumOfScores(layers.map(({ score }) => score))} />
      {grader.grading.run.state === 'broken' && !gone && (
        <div className={styles['problem']}>
          <ProblemNote problem={grader.grading.run.problem}>
            <Button size="xs" variant="default" onClick={grader.cancel}>
              Dismiss
            </Button>
          </ProblemNote>
        </div>
      )}
      {narrow && <PaneSwitch pane={pane} onPick={setPane} />}
      <div ref={panes} className={styles['panes']} data-pane={pane}>
        <main ref={tasks} className={styles['tasks']} tabIndex={-1} aria-label="Tasks">
          <TaskPanel
            scenario={lab.scenarioDetail}
            fresh={lab.lastReport === null}
            layers={layers}
            grader={grader}
            checkable={checkable}
            onOpenHost={openHost}
          />
        </main>
        <SplitHandle panes={panes} />
        <section ref={terminal} className={styles['terminal']} aria-label="Terminals">
          {ready ? (
            <Suspense fallback={null}>
              <TerminalPanel key={lab.generation} lab={lab} tabs={tabs} gone={gone} focusRef={focusTerminal} />
            </Suspense>
          ) : (
            <Stage inPane busy={lab.status.state !== 'failed'}>
              <LabWait lab={lab} />
            </Stage>
          )}
        </section>
      </div>
      <RunAnnouncer run={grader.grading.run} />
      <ShortcutsDialog opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}
