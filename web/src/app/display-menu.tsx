import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconCheck } from '@tabler/icons-react';
import { usePreferences } from './preferences.ts';

const SCHEMES = [
  { scheme: 'auto', label: 'Like the system' },
  { scheme: 'light', label: 'Light' },
  { scheme: 'dark', label: 'Dark' },
] as const;

/** Theme, and on a lab's page how terminals look. */
export function DisplayMenu({ terminal = false }: { terminal?: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [preferences, prefer] = usePreferences();
  const { terminalText, screenReader } = preferences;
  return (
    <Menu
      position="bottom-end"
      width={260}
      closeOnItemClick={false}
      alignItemsLabels="all"
      checkIcon={<IconCheck size={16} />}
      // A menu may hold items only (WAI-ARIA); the first of them takes the focus.
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Display" title="Display">
          <IconAdjustmentsHorizontal size={19} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Theme</Menu.Label>
        {SCHEMES.map(({ scheme, label }) => (
          <Menu.RadioItem
            key={scheme}
            value={scheme}
            checked={colorScheme === scheme}
            onChange={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.RadioItem>
        ))}
        {terminal && (
          <>
            <Menu.Divider />
            <Menu.Label>Terminal, {terminalText} px</Menu.Label>
            <Menu.Item disabled={terminalText >= 28} onClick={() => prefer({ terminalText: terminalText + 1 })}>
              Larger text
            </Menu.Item>
            <Menu.Item disabled={terminalText <= 9} onClick={() => prefer({ terminalText: terminalText - 1 })}>
              Smaller text
            </Menu.Item>
            <Menu.CheckboxItem checked={screenReader} onChange={(checked) => prefer({ screenReader: checked })}>
              Readable by screen readers
            </Menu.CheckboxItem>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
