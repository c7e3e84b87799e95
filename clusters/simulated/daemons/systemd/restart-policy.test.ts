import { expect, test } from 'vitest';
import { restartAfter, restartAfterRunning } from './restart-policy.ts';
import { CONTAINERD_UNIT, DOCKER_UNIT, KUBELET_UNIT, SSH_UNIT } from './vendor-units.ts';
import { mergeFragments } from './unit-file.ts';

const settingsOf = (text: string) => mergeFragments([{ path: '/unit', text }]);

test.each([
  ['kubelet, which has no start limit', KUBELET_UNIT.text, 1, 10],
  ['containerd, whose pauses are too long to reach it', CONTAINERD_UNIT.text, 1, 5],
  ['docker, which reaches it', DOCKER_UNIT.text, 1, undefined],
  ['sshd with a status that forbids it', SSH_UNIT.text, 255, undefined],
  ['one without Restart=', '[Service]\nExecStart=/bin/true\n', 1, undefined],
  ['one that ended well', '[Service]\nRestart=on-failure\nRestartSec=1min\n', 0, undefined],
  ['one that says its pause in a unit', '[Service]\nRestart=on-failure\nRestartSec=1min\n', 1, 60],
  [
    'one that would be tried without end and without a pause',
    '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\n',
    1,
    1,
  ],
])('%s', (_, text, status, seconds) => {
  expect(restartAfter(settingsOf(text), { code: 'exited', status })).toBe(seconds);
});

const KILLED = { code: 'killed', signal: 9 } as const;
const TERMINATED = { code: 'killed', signal: 15 } as const;

test.each([
  ['kubelet that was killed', KUBELET_UNIT.text, KILLED, [60], 10],
  ['kubelet that ended in order', KUBELET_UNIT.text, { code: 'exited', status: 0 } as const, [60], 10],
  ['sshd that was killed', SSH_UNIT.text, KILLED, [60], 1],
  ['sshd that was asked to end', SSH_UNIT.text, TERMINATED, [60], undefined],
  ['docker, killed a third time in a minute', DOCKER_UNIT.text, KILLED, [50, 30, 10], 'too-often'],
  ['docker, killed a third time in two minutes', DOCKER_UNIT.text, KILLED, [100, 30, 10], 2],
  ['one that is to be restarted after success alone', '[Service]\nRestart=on-success\n', KILLED, [60], undefined],
] as const)('%s', (_, text, ending, starts, seconds) => {
  expect(restartAfterRunning(settingsOf(text), ending, starts)).toBe(seconds);
});
