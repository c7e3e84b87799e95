import { expect, test } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { POD_COLUMNS } from './pods.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');

/** Ready, status and restarts of a pod as `kubectl get pods` shows them. */
function shown(spec: object, status: object, metadata: object = {}): string {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...metadata }, spec, status };
  const cells = ['Ready', 'Status', 'Restarts'].map((name) =>
    POD_COLUMNS.find((column) => column.name === name)?.cell(pod as unknown as KubeObject, NOW),
  );
  return cells.join(' | ');
}

const one = { containers: [{ name: 'web' }] };
const withInit = { ...one, initContainers: [{ name: 'first' }, { name: 'second' }] };
const withSidecar = { ...one, initContainers: [{ name: 'mesh', restartPolicy: 'Always' }] };
const runs = (name: string, more: object = {}) => ({
  name,
  ready: true,
  restartCount: 0,
  state: { running: {} },
  ...more,
});
const waits = (name: string, reason: string) => ({
  name,
  ready: false,
  restartCount: 0,
  state: { waiting: { reason } },
});
const ended = (name: string, exitCode: number, more: object = {}, restartCount = 0) => ({
  name,
  ready: false,
  restartCount,
  state: { terminated: { exitCode, ...more } },
});
const completed = (name: string) => ended(name, 0, { reason: 'Completed' });
const restarted = { restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:05:00Z' } } };
const INITIALIZED = [{ type: 'Initialized', status: 'True' }];

test.each([
  ['runs', one, { phase: 'Running', containerStatuses: [runs('web')] }, '1/1 | Running | 0'],
  ['is not there yet', one, { phase: 'Pending' }, '0/1 | Pending | 0'],
  [
    'is held by a gate',
    one,
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    '0/1 | SchedulingGated | 0',
  ],
  ['was evicted', one, { phase: 'Failed', reason: 'Evicted' }, '0/1 | Evicted | 0'],
  [
    'has restarted, which is told with when',
    one,
    { phase: 'Running', containerStatuses: [runs('web', restarted)] },
    '1/1 | Running | 3 (5m ago)',
  ],
  [
    'was killed by a signal',
    one,
    { phase: 'Failed', containerStatuses: [ended('web', 137, { signal: 9 })] },
    '0/1 | Signal:9 | 0',
  ],
  ['ended without a reason', one, { phase: 'Failed', containerStatuses: [ended('web', 2)] }, '0/1 | ExitCode:2 | 0'],
  [
    'waits for its second init container',
    withInit,
    { phase: 'Pending', initContainerStatuses: [completed('first'), waits('second', 'PodInitializing')] },
    '0/1 | Init:1/2 | 0',
  ],
  [
    'has an init container that does not come up',
    withInit,
    {
      phase: 'Pending',
      initContainerStatuses: [waits('first', 'ImagePullBackOff'), waits('second', 'PodInitializing')],
    },
    '0/1 | Init:ImagePullBackOff | 0',
  ],
  [
    'has an init container that failed, whose restarts count',
    withInit,
    {
      phase: 'Pending',
      initContainerStatuses: [ended('first', 1, { reason: 'Error' }, 2), waits('second', 'PodInitializing')],
    },
    '0/1 | Init:Error | 2',
  ],
  [
    'counts a sidecar among its containers',
    withSidecar,
    {
      phase: 'Running',
      conditions: INITIALIZED,
      initContainerStatuses: [runs('mesh', { started: true, restartCount: 1 })],
      containerStatuses: [runs('web')],
    },
    '2/2 | Running | 1',
  ],
  [
    'has a sidecar that has not started',
    withSidecar,
    { phase: 'Pending', initContainerStatuses: [runs('mesh', { started: false, ready: false })] },
    '0/2 | Init:0/1 | 0',
  ],
  [
    'does not count the restarts of init containers once it is past them',
    withInit,
    {
      phase: 'Running',
      conditions: INITIALIZED,
      initContainerStatuses: [completed('first'), { ...completed('second'), restartCount: 4 }],
      containerStatuses: [runs('web')],
    },
    '1/1 | Running | 0',
  ],
  [
    'has one container done and another at work',
    { containers: [{ name: 'web' }, { name: 'once' }] },
    { phase: 'Running', containerStatuses: [completed('once'), runs('web')] },
    '1/2 | NotReady | 0',
  ],
])('a pod that %s', (_what, spec, status, line) => {
  expect(shown(spec, status)).toBe(line);
});

test('a pod that is being deleted is Terminating, unless it is over or its node is lost', () => {
  const metadata = { deletionTimestamp: '2026-01-01T00:09:00Z' };
  expect(shown(one, { phase: 'Running', containerStatuses: [runs('web')] }, metadata)).toBe('1/1 | Terminating | 0');
  expect(shown(one, { phase: 'Failed', reason: 'Evicted' }, metadata)).toBe('0/1 | Evicted | 0');
  expect(shown(one, { phase: 'Running', reason: 'NodeLost' }, metadata)).toBe('0/1 | Unknown | 0');
});
