import { expect, test } from 'vitest';
import type { Container, ContainerStatus, Pod } from '../model/generated/objects.ts';
import { comesBack, haveEnded } from './restart-policy.ts';

const rule = (operator: string, ...values: number[]): Partial<Container> => ({
  restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values } }],
});

test.each([
  ['Always', {}, 0, true],
  ['OnFailure', {}, 0, false],
  ['OnFailure', {}, 1, true],
  ['Never', {}, 1, false],
  ['Never', rule('In', 42), 42, true],
  ['Never', rule('In', 42), 1, false],
  ['Never', rule('NotIn', 42), 1, true],
  ['Never', rule('NotIn', 42), 42, false],
] as const)('policy %s with rules %j, exit code %i: restarted %s', (policy, rules, exitCode, comes) => {
  expect(comesBack(rules, policy, exitCode)).toBe(comes);
});

test('a pod is at its end when none of its containers comes back by its own policy', () => {
  const pod = (...policies: readonly (string | undefined)[]): Pod =>
    ({
      spec: {
        restartPolicy: 'Always',
        containers: policies.map((restartPolicy, i) => ({ name: `c${i}`, restartPolicy })),
      },
    }) as unknown as Pod;
  const ended = (exitCode: number, i: number): ContainerStatus =>
    ({ name: `c${i}`, state: { terminated: { exitCode } } }) as ContainerStatus;
  const both = [0, 1].map(ended);
  expect(haveEnded(pod('OnFailure', 'Never'), both)).toBe(true);
  expect(haveEnded(pod('OnFailure', 'OnFailure'), both)).toBe(false);
  expect(haveEnded(pod('OnFailure', undefined), both)).toBe(false);
});
