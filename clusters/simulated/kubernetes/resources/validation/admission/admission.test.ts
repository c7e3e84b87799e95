import { expect, test } from 'vitest';
import {
  VALIDATING_ADMISSION_POLICY,
  VALIDATING_ADMISSION_POLICY_BINDING,
  VALIDATING_WEBHOOK_CONFIGURATION,
} from '../../strategies/admissionregistration.ts';
import { foundIn } from '../test-cases.ts';

const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];

test('actions do not say the same twice', () => {
  const found = (validationActions: string[] | null): string[] =>
    foundIn(VALIDATING_ADMISSION_POLICY_BINDING, { spec: { policyName: 'p', validationActions } });
  expect(found(['Deny'])).toEqual([]);
  expect(found(null)).toEqual(['spec.validationActions: Required value: at least one validation action is required']);
  expect(found(['Warn', 'Deny'])).toEqual([
    'spec.validationActions: Invalid value: ["Warn","Deny"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ]);
});

test('expressions compile', () => {
  const found = (expression: string): string[] =>
    foundIn(VALIDATING_ADMISSION_POLICY, {
      spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression }] },
    });
  expect(found('object.metadata.name != ""')).toEqual([]);
  expect(found(' ')).toEqual(['spec.validations[0].expression: Required value: expression is not specified']);
  expect(found('nothing == 1')[0]).toContain("undeclared reference to 'nothing' (in container '')");
});

test('webhooks say where, which versions and what else they do', () => {
  expect(foundIn(VALIDATING_WEBHOOK_CONFIGURATION, { webhooks: [{ name: 'a.b.c', rules, clientConfig: {} }] })).toEqual(
    [
      'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
      'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
  );
});
