import { Modal } from '@mantine/core';
import styles from './shortcuts-dialog.module.css';

const GROUPS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Around the page',
    keys: [
      ['Ctrl+Alt+J', 'Out of the terminal to the tasks, and back'],
      ['Ctrl+Alt+T', 'To the terminal'],
      ['Ctrl+Alt+K', 'To the tasks'],
      ['Ctrl+Alt+1 to 9', 'To that terminal tab'],
      ['Delete', 'On a terminal tab: close it and end its shell'],
      ['Ctrl+Alt+Enter', 'Check all'],
      ['Ctrl+Alt+/', 'This help; outside of a terminal also ?'],
    ],
  },
  {
    title: 'In a terminal',
    keys: [
      ['Ctrl+Shift+C', 'Copy the selection, or right-click it'],
      ['Ctrl+Shift+V', 'Paste, or right-click where nothing is selected'],
      ['Ctrl+Shift+F', 'Find in what the terminal has shown, upwards; Shift+Enter goes down'],
      ['Ctrl+Alt+W', 'Ctrl+W, which would close the browser tab'],
      ['Ctrl+C', 'Also stops a paste that is still on its way'],
      ['Ctrl+click', 'Open a link'],
    ],
  },
];

/** Every key of the page. Tab and Escape belong to the shell while a terminal has the focus; Ctrl+Alt+J leads out. */
export function ShortcutsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard"
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ title: styles['title'] ?? '' }}
    >
      <div className={styles['groups']}>
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <p>
          In a terminal, Tab and Escape belong to the shell. Shells keep running when you reload or close this page,
          until the lab is reset or you close their tab.
        </p>
      </div>
    </Modal>
  );
}
