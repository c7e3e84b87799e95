import { expect, it } from 'vitest';
import { acceptNames } from './names.ts';
import type { DefinedNames, Definition } from './definition.ts';

const NAMES: DefinedNames = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };

function definition(name: string, names: DefinedNames, acceptedNames?: DefinedNames, group = 'a.test'): Definition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: { group, scope: 'Namespaced', names, versions: [] },
    ...(acceptedNames && { status: { acceptedNames } }),
  };
}
const taken = definition('widgets.a.test', NAMES, { ...NAMES, shortNames: ['wd'] });

it('accepts names that nobody in the group holds', () => {
  const other = definition('gadgets.a.test', {
    plural: 'gadgets',
    singular: 'gadget',
    kind: 'Gadget',
    categories: ['all'],
  });
  expect(acceptNames(other, [taken, other])).toEqual({
    acceptedNames: other.spec.names,
    condition: { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  });
});

it('lets another group use the same names, and a definition its own', () => {
  const elsewhere = definition('widgets.b.test', NAMES, undefined, 'b.test');
  expect(acceptNames(elsewhere, [taken, elsewhere]).condition.status).toBe('True');
  expect(acceptNames(taken, [taken]).condition.status).toBe('True');
});

it.each([
  ['KindConflict', '"Widget" is already in use', { plural: 'w2', singular: 'w2', kind: 'Widget', listKind: 'W2List' }],
  [
    'ListKindConflict',
    '"WidgetList" is already in use',
    { plural: 'w2', singular: 'w2', kind: 'Widget', listKind: 'WidgetList' },
  ],
  [
    'SingularConflict',
    '"widget" is already in use',
    { plural: 'w2', singular: 'widget', kind: 'W2', listKind: 'W2List' },
  ],
  [
    'ShortNamesConflict',
    '["wd" is already in use, "widgets" is already in use]',
    { plural: 'w2', singular: 'w2', kind: 'W2', listKind: 'W2List', shortNames: ['wd', 'widgets', 'w'] },
  ],
])('says %s when a name is in use, the last of several', (reason, message, names) => {
  const late = definition('w2.a.test', names);
  const { condition, acceptedNames } = acceptNames(late, [taken, late]);
  expect(condition).toMatchObject({ status: 'False', reason, message });
  expect(acceptedNames.plural).toBe('w2');
});
