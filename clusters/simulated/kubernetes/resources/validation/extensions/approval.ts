import type { CustomResourceDefinition } from '../../../model/generated/objects.ts';
import { invalid, required, type Findings } from '../field-errors.ts';

const ANNOTATION = 'api-approved.kubernetes.io';
const FIELD = `metadata.annotations[${ANNOTATION}]`;

/** IsProtectedCommunityGroup: groups that are the project's own. */
const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

interface State {
  readonly approval: 'missing' | 'invalid' | 'good';
  readonly why: string;
}

/** GetAPIApprovalState of apiextensions-apiserver/pkg/apihelpers. */
function stateOf({ metadata }: CustomResourceDefinition): State {
  const given = metadata.annotations?.[ANNOTATION];
  if (!given) {
    const why = `protected groups must have approval annotation "${ANNOTATION}", see https://github.com/kubernetes/enhancements/pull/1111`;
    return { approval: 'missing', why };
  }
  if (given.startsWith('unapproved')) return { approval: 'good', why: '' };
  if (URL.canParse(given) && new URL(given).host !== '') return { approval: 'good', why: '' };
  const why = `protected groups must have approval annotation "${ANNOTATION}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`;
  return { approval: 'invalid', why };
}

/** validateAPIApproval: a group of Kubernetes' own says who let it in. What was so before may stay so. */
export function validateApproval(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
  found: Findings,
): void {
  const group = (definition as Partial<CustomResourceDefinition>).spec?.group ?? '';
  if (!isProtected(group)) return;
  const { approval, why } = stateOf(definition);
  if (approval === 'good' || (old && stateOf(old).approval === approval)) return;
  if (approval === 'missing') found.push(required(FIELD, why));
  else found.push(invalid(FIELD, definition.metadata.annotations?.[ANNOTATION], why));
}
