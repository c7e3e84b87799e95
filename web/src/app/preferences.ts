import { useLocalStorage } from '@mantine/hooks';
import { z } from 'zod';

/** How the learner likes the page; kept in this browser. */
const Preferences = z.object({
  /** Share of the width that the tasks take. */
  split: z.number().min(0.2).max(0.75).catch(0.4),
  /** Pixels. */
  terminalText: z.int().min(9).max(28).catch(14),
  /** Whether terminals keep a copy of their text that screen readers can read. */
  screenReader: z.boolean().catch(false),
});
export type Preferences = z.infer<typeof Preferences>;

const DEFAULTS = Preferences.parse({});

/** The preferences, and how to change some of them. */
export function usePreferences(): readonly [Preferences, (change: Partial<Preferences>) => void] {
  const [value, setValue] = useLocalStorage<Preferences>({
    key: 'breachlab.preferences',
    defaultValue: DEFAULTS,
    getInitialValueInEffect: false,
    deserialize: (text) => {
      try {
        return Preferences.parse(JSON.parse(text ?? '{}'));
      } catch {
        return DEFAULTS; // written by hand, or by something else
      }
    },
  });
  return [value, (change) => setValue((current) => ({ ...current, ...change }))];
}
