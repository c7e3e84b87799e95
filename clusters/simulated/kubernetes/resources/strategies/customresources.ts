import type { CustomResourceDefinition } from '../../model/generated/objects.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import { validateDefinition, validateDefinitionUpdate } from '../validation/cluster/definitions.ts';
import { checkedBy } from '../validation/hook.ts';

/** apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go and pkg/registry/customresourcedefinition/strategy.go. */
export const CUSTOM_RESOURCE_DEFINITION: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    const { spec } = draft as CustomResourceDefinition;
    if (spec?.names === undefined) return;
    const kind = spec.names.kind ?? '';
    fill(spec.names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
    spec.conversion ??= { strategy: 'None' };
  },
  prepareForCreate(draft) {
    const { spec } = draft as CustomResourceDefinition;
    const stored = (spec?.versions ?? []).filter(({ storage }) => storage).map(({ name }) => name);
    draft['status'] = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: stored };
  },
  ...checkedBy<CustomResourceDefinition>({ create: validateDefinition, update: validateDefinitionUpdate }),
};
