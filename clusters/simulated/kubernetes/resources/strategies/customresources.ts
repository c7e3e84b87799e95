import type { CustomResourceDefinition } from '../../model/generated/objects.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import {
  definitionNameErrors,
  validateDefinition,
  validateDefinitionStatus,
  validateDefinitionUpdate,
} from '../validation/extensions/definitions.ts';
import { CLEANUP, terminating, withCondition } from '../custom/conditions.ts';
import { checkedBy } from '../validation/hook.ts';

/** apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go and pkg/registry/customresourcedefinition/strategy.go. */
export const CUSTOM_RESOURCE_DEFINITION: Partial<Strategy> = {
  generation: true,
  name: definitionNameErrors,
  unconditionalUpdate: false,
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
  /** A version that becomes the stored one is remembered. */
  prepareForUpdate(draft) {
    const { spec, status } = draft as Partial<CustomResourceDefinition>;
    if (!status) return;
    const stored = status.storedVersions ?? [];
    const added = (spec?.versions ?? []).filter(({ name, storage }) => storage && !stored.includes(name));
    if (added.length > 0) status.storedVersions = [...stored, ...added.map(({ name }) => name)];
  },
  /** registry/customresourcedefinition/etcd.go Delete: its objects go first (custom-resources/cleanup.ts). */
  holdDeletion(draft, now) {
    const { metadata, status } = draft as CustomResourceDefinition;
    const finalizers = metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP)) metadata.finalizers = [...finalizers, CLEANUP];
    draft['status'] = { ...status, conditions: withCondition(status?.conditions, terminating('pending', now)) };
  },
  ...checkedBy<CustomResourceDefinition>({
    create: validateDefinition,
    update: validateDefinitionUpdate,
    parts: { status: validateDefinitionStatus },
  }),
};
