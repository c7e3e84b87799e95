import { expect, test } from 'vitest';
import { API_SERVICE } from '../../strategies/registration.ts';
import { foundIn } from '../test-cases.ts';

test('a registration has priorities, a service and one way to trust it', () => {
  const spec = {
    group: 'example.com',
    version: 'v1',
    groupPriorityMinimum: 0,
    versionPriority: 2000,
    insecureSkipTLSVerify: true,
    caBundle: 'YQ==',
    service: { name: '', namespace: '' },
  };
  expect(foundIn(API_SERVICE, { metadata: { name: 'v1.example.com' }, spec })).toEqual([
    'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
    'spec.versionPriority: Invalid value: 2000: must be positive and less than 1000',
    'spec.service.namespace: Required value',
    'spec.service.name: Required value',
    'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
  ]);
});
