import { expect, test } from 'vitest';
import { restartAfter } from './restart-policy.ts';
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
  expect(restartAfter(settingsOf(text), status)).toBe(seconds);
});
