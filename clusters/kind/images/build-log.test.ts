import { describe, expect, test } from 'vitest';
import { BuildLog } from './build-log.ts';

const heard = (...pieces: readonly string[]): BuildLog => {
  const log = new BuildLog('breachlab/workstation:0123');
  for (const piece of pieces) log.heard(piece);
  return log;
};

describe('what a build prints', () => {
  test('shows each step once, whatever pieces it comes in', () => {
    const log = new BuildLog('x:1');
    expect(['Step 2/', '5 : RUN a\n', ' ---> 12ab\nout', 'put\n'].map((piece) => log.heard(piece))).toEqual([
      undefined,
      'building x:1: step 2/5',
      undefined,
      undefined,
    ]);
  });

  test('gathers the packages that could not be installed', () => {
    expect(
      heard(
        'breachlab: missing: \n',
        '\u001B[91mapt-get: command not found\n\u001B[0mbreachlab: missing: vim nmap\nbreachlab: missing: etcd-client\n',
      ).missing,
    ).toEqual(['vim', 'nmap', 'etcd-client']);
  });

  test('becomes the instruction that failed, its last lines, and the flag that goes round it', () => {
    const log = heard(
      'Step 1/2 : RUN first\nof the first\n',
      'Step 2/2 : RUN install-tools vim=vim\n',
      '\u001B[31mE: broken\u001B[0m\n',
    );
    const { message, nextStep } = log.failure(new Error('The command returned a non-zero code: 100'));
    expect(message).toBe(
      'could not build breachlab/workstation:0123: RUN install-tools vim=vim\n  E: broken\n  The command returned a non-zero code: 100',
    );
    expect(nextStep).toContain('--image workstation=REFERENCE');
  });

  test('says so when its base is no node image', () => {
    const { message, nextStep } = heard('Step 1/2 : RUN test\nbreachlab: not a node image\n').failure(
      new Error('code: 1'),
    );
    expect(message).toMatch(/is not a node image of kind$/);
    expect(nextStep).toContain('--image node=');
  });
});
