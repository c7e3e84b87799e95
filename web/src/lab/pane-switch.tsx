import styles from './pane-switch.module.css';

export type Pane = 'tasks' | 'terminal';

const LABELS: Record<Pane, string> = { tasks: 'Tasks', terminal: 'Terminal' };

/** Picks which of the two panes a narrow window shows. */
export function PaneSwitch({ pane, onPick }: { pane: Pane; onPick: (pane: Pane) => void }) {
  return (
    <nav className={styles['switch']} aria-label="Shown">
      {(['tasks', 'terminal'] as const).map((target) => (
        <button key={target} type="button" aria-pressed={pane === target} onClick={() => onPick(target)}>
          {LABELS[target]}
        </button>
      ))}
    </nav>
  );
}
