import { expect, test } from 'vitest';
import { FLOW_SCHEMA, PRIORITY_LEVEL_CONFIGURATION } from '../../strategies/flowcontrol.ts';
import { foundIn } from '../test-cases.ts';

test('a flow says whose requests to what it has, and where they queue', () => {
  const rules = [{ subjects: [{ kind: 'User' }], resourceRules: [], nonResourceRules: [] }];
  const spec = { matchingPrecedence: 10001, priorityLevelConfiguration: { name: '' }, rules };
  expect(foundIn(FLOW_SCHEMA, { spec })).toEqual([
    'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
    'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
    "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
    'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
  ]);
});

test.each<[string, object, string[]]>([
  [
    'shares and percents',
    {
      type: 'Limited',
      limited: { nominalConcurrencyShares: -1, lendablePercent: 101, limitResponse: { type: 'Reject' } },
    },
    [
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
    ],
  ],
  [
    'what is exempt',
    { type: 'Exempt', limited: {} },
    [
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
      'spec.limited: Forbidden: must be nil if the type is not Limited',
    ],
  ],
])('a level of priority: %s', (_, spec, found) => {
  expect(foundIn(PRIORITY_LEVEL_CONFIGURATION, { spec })).toEqual(found);
});
