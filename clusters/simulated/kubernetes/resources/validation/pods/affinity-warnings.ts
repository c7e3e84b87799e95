import type { NodeSelectorTerm, PodSpec } from '../../../model/generated/objects.ts';
import { labelValueErrors } from '../../../model/names.ts';

/** pkg/api/node/util.go: labels of nodes that have a successor. */
const OLD_NODE_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** GetNodeLabelDeprecatedMessage */
export const oldLabelWarning = (label: string): string | undefined => OLD_NODE_LABELS[label];

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** What a pod asks of its node by labels that are old, or that no node can have. */
export function selectorWarnings({ nodeSelector = {}, affinity }: PodSpec, path: string): string[] {
  const { [REQUIRED]: hard, [PREFERRED]: soft = [] } = affinity?.nodeAffinity ?? {};
  const at = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(nodeSelector).flatMap((label) => {
      const text = oldLabelWarning(label);
      return text === undefined ? [] : [`${path}.nodeSelector[${label}]: ${text}`];
    }),
    ...(hard?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      termWarnings(term, `${at}.${REQUIRED}.nodeSelectorTerms[${i}]`),
    ),
    ...soft.flatMap(({ preference }, i) => termWarnings(preference, `${at}.${PREFERRED}[${i}].preference`, true)),
  ];
}

/** GetWarningsForNodeSelectorTerm. Values of what is required are checked, so only those of preferences are warned of. */
export function termWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string, withValues = false): string[] {
  return matchExpressions.flatMap(({ key, values = [] }, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    const text = oldLabelWarning(key);
    return [
      ...(text === undefined ? [] : [`${at}.key: ${key} is ${text}`]),
      ...(withValues ? values : []).flatMap((value, j) =>
        labelValueErrors(value).map((why) => `${at}.values[${j}]: ${value} is invalid, ${why}`),
      ),
    ];
  });
}

/** warningsForPodAffinityTerms: a selector that is not there selects nothing. */
export function affinityWarnings({ affinity }: PodSpec, path: string): string[] {
  const why = 'a null labelSelector results in matching no pod';
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => {
    const { [REQUIRED]: hard = [], [PREFERRED]: soft = [] } = affinity?.[kind] ?? {};
    const at = `${path}.affinity.${kind}`;
    return [
      ...hard.flatMap(({ labelSelector }, i) =>
        labelSelector ? [] : [`${at}.${REQUIRED}[${i}].labelSelector: ${why}`],
      ),
      ...soft.flatMap(({ podAffinityTerm }, i) =>
        podAffinityTerm.labelSelector ? [] : [`${at}.${PREFERRED}[${i}].podAffinityTerm.labelSelector: ${why}`],
      ),
    ];
  });
}
