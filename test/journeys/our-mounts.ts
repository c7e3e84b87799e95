import { readFileSync } from 'node:fs';

/** Mounts of this machine (not of a lab's own namespace) that name Breachlab. */
export const ourMounts = (): readonly string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => /breachlab/.test(line));
