import { expect, test } from 'vitest';
import { releaseNumber } from './release-number.ts';
import { policyErrors } from './upgrade-policy.ts';

const release = (text: string) => releaseNumber(text) ?? { major: 0, minor: 0, patch: 0 };
const errors = (wanted: string, kubeadm: string, kubelets: readonly string[] = []) =>
  policyErrors({
    wanted: release(wanted),
    cluster: release('v1.35.2'),
    kubeadm: release(kubeadm),
    kubelets: kubelets.map(release),
  });

test.each([
  ['the next minor with its kubeadm', 'v1.36.2', 'v1.36.2'],
  ['a patch with its kubeadm', 'v1.35.3', 'v1.35.3'],
])('%s is let through', (_what, wanted, kubeadm) => {
  expect(errors(wanted, kubeadm, ['v1.35.2'])).toEqual({ mandatory: [], skippable: [] });
});

test.each([
  [
    'two minors at once',
    'v1.37.0',
    'v1.37.0',
    'mandatory',
    'is too high; kubeadm can upgrade only 1 minor version at a time',
  ],
  [
    'two minors back',
    'v1.33.0',
    'v1.33.0',
    'mandatory',
    'is too low; kubeadm can downgrade only 1 minor version at a time',
  ],
  [
    'a minor that kubeadm is too old for',
    'v1.36.0',
    'v1.35.2',
    'mandatory',
    'at least one minor release higher than the kubeadm minor release (36 > 35)',
  ],
  [
    'a patch that kubeadm is too old for',
    'v1.35.5',
    'v1.35.2',
    'skippable',
    'is higher than the kubeadm version "v1.35.2"',
  ],
  [
    'a minor below kubeadm',
    'v1.35.3',
    'v1.36.0',
    'skippable',
    'Kubeadm version v1.36.0 can only be used to upgrade to Kubernetes version 1.36',
  ],
] as const)('%s is refused', (_what, wanted, kubeadm, kind, words) => {
  expect(errors(wanted, kubeadm)[kind].join('\n')).toContain(words);
});

test('kubelets that would be too far behind hold it up', () => {
  expect(errors('v1.36.0', 'v1.36.0', ['v1.32.1', 'v1.35.2']).skippable).toEqual([
    'There are kubelets in this cluster that are too old that have these versions [v1.32.1]',
  ]);
});
