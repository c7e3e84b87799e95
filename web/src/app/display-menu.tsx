import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconAdjustmentsHorizontal,
  IconCheck,
  IconMoon,
  IconSun,
  IconSunMoon,
  IconTextDecrease,
  IconTextIncrease,
} from '@tabler/icons-react';
import { usePreferences } from './preferences.ts';

const SCHEMES = [
  { scheme: 'auto', label: 'Like the system', Icon: IconSunMoon },
  { scheme: 'light', label: 'Light', Icon: IconSun },
  { scheme: 'dark', label: 'Dark', Icon: IconMoon },
] as const;

/** Theme, and on a lab's page how terminals look. */
export function DisplayMenu({ terminal = false }: { terminal?: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [preferences, prefer] = usePreferences();
  const { terminalText, screenReader } = preferences;
  return (
    <Menu position="bottom-end" width={230} closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Display" title="Display">
          <IconAdjustmentsHorizontal size={19} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Theme</Menu.Label>
        {SCHEMES.map(({ scheme, label, Icon }) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            leftSection={<Icon size={16} />}
            rightSection={colorScheme === scheme ? <IconCheck size={16} /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        {terminal && (
          <>
            <Menu.Divider />
            <Menu.Label>Terminal, {terminalText} px</Menu.Label>
            <Menu.Item
              leftSection={<IconTextIncrease size={16} />}
              disabled={terminalText >= 28}
              onClick={() => prefer({ terminalText: terminalText + 1 })}
            >
              Larger text
            </Menu.Item>
            <Menu.Item
              leftSection={<IconTextDecrease size={16} />}
              disabled={terminalText <= 9}
              onClick={() => prefer({ terminalText: terminalText - 1 })}
            >
              Smaller text
            </Menu.Item>
            <Menu.Item
              role="menuitemcheckbox"
              aria-checked={screenReader}
              rightSection={screenReader ? <IconCheck size={16} /> : null}
              onClick={() => prefer({ screenReader: !screenReader })}
            >
              Readable by screen readers
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
