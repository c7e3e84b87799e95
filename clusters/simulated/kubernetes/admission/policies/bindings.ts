import { type LabelSelectorValue, matchesLabelSelector } from '../../model/labels.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { AdmissionRequest } from '../plugin.ts';
import type { MatchResources } from './match.ts';

/** What bindings of validating and of mutating policies share. */
export interface Binding extends KubeObject {
  spec: {
    policyName: string;
    validationActions?: string[];
    matchResources?: MatchResources;
    paramRef?: {
      name?: string;
      namespace?: string;
      selector?: LabelSelectorValue;
      parameterNotFoundAction?: 'Allow' | 'Deny';
    };
  };
}

/** The objects a binding hands to its policy, one evaluation each; a policy without paramKind is evaluated once without (generic/policy_dispatcher.go CollectParams). */
export function paramsOf(
  paramKind: { apiVersion: string; kind: string } | undefined,
  { spec: { paramRef } }: Binding,
  request: AdmissionRequest,
  cluster: Cluster,
): { readonly found: readonly (KubeObject | undefined)[] } | { readonly failed: string } {
  if (paramKind === undefined || paramRef === undefined) return { found: [undefined] };
  const resource = cluster.resourceOfKind(paramKind.apiVersion, paramKind.kind);
  if (resource === undefined) {
    return {
      failed: `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    };
  }
  const namespace = resource.namespaced ? (paramRef.namespace ?? request.namespace) : '';
  if (resource.namespaced && namespace === '') {
    return { failed: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
  }
  const { name, selector } = paramRef;
  const one = name === undefined ? undefined : cluster.get(resource, namespace, name);
  const found =
    name === undefined
      ? cluster
          .list(resource, resource.namespaced ? namespace : undefined)
          .filter(({ metadata }) => matchesLabelSelector(selector ?? {}, metadata.labels))
      : one === undefined
        ? []
        : [one];
  if (found.length > 0) return { found };
  if (paramRef.parameterNotFoundAction === 'Allow') return { found: [] };
  return { failed: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
}
