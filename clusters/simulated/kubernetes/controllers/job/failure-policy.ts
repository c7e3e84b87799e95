import type { Job, Pod, PodFailurePolicyRule } from '../../model/generated/objects.ts';

/** What a failed pod means for its Job; `count` raises the number of failures. */
export type Judgement =
  | { readonly means: 'count' | 'ignore' | 'fail index' }
  | { readonly means: 'fail job'; readonly message: string };

/** The first rule that matches decides (pkg/controller/job/pod_failure_policy.go matchPodFailurePolicy). */
export function judge(job: Job, pod: Pod): Judgement {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const matched = match(rule, pod);
    if (matched === undefined) continue;
    switch (rule.action) {
      case 'FailJob':
        return { means: 'fail job', message: `${matched} matching FailJob rule at index ${index}` };
      case 'Ignore':
        return { means: 'ignore' };
      case 'FailIndex':
        return { means: 'fail index' };
      default:
        return { means: 'count' };
    }
  }
  return { means: 'count' };
}

function match(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const who = `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  const { onExitCodes, onPodConditions = [] } = rule;
  if (onExitCodes !== undefined) {
    const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
    for (const { name, state } of statuses) {
      const exitCode = state?.terminated?.exitCode ?? 0;
      if (exitCode === 0 || (onExitCodes.containerName !== undefined && onExitCodes.containerName !== name)) continue;
      if (onExitCodes.values.includes(exitCode) === (onExitCodes.operator === 'In')) {
        return `Container ${name} for ${who} failed with exit code ${exitCode}`;
      }
    }
  }
  for (const pattern of onPodConditions) {
    const met = (pod.status.conditions ?? []).find(
      ({ type, status }) => type === pattern.type && status === pattern.status,
    );
    if (met !== undefined) return `Pod ${pod.metadata.namespace}/${pod.metadata.name} has condition ${met.type}`;
  }
  return undefined;
}
