import { RELEASE } from '../bootstrap/release.ts';

/** What `/version` says: the release whose behaviour is simulated. */
export const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: RELEASE.kubernetes,
  gitCommit: 'simulated',
  gitTreeState: 'clean',
  buildDate: '2026-06-16T00:00:00Z',
  goVersion: 'go1.26.3',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const;
