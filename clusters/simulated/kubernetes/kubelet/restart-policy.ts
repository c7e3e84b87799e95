import type { Container, ContainerStatus, Pod } from '../model/generated/objects.ts';
import { containerOf, type RestartPolicy } from './container-status.ts';

/** What holds for an ordinary container: its own policy, else its pod's. */
export const policyOf = (pod: Pod, { restartPolicy }: Pick<Container, 'restartPolicy'>): RestartPolicy =>
  (restartPolicy ?? pod.spec.restartPolicy ?? 'Always') as RestartPolicy;

/**
 * Whether a container that has ended is started again: by the first of its rules that speaks of its exit code, else by the policy
 * (pkg/kubelet/container/helpers.go ShouldContainerBeRestarted, ContainerRestartRules).
 */
export function comesBack(
  { restartPolicyRules }: Pick<Container, 'restartPolicyRules'>,
  policy: RestartPolicy,
  exitCode: number,
): boolean {
  const isMeant = ({ exitCodes }: NonNullable<typeof restartPolicyRules>[number]): boolean =>
    exitCodes !== undefined && (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === 'In');
  const rule = (restartPolicyRules ?? []).find(isMeant);
  if (rule?.action === 'Restart') return true;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Whether all of a pod's ordinary containers have ended for good. */
export const haveEnded = (pod: Pod, statuses: readonly ContainerStatus[]): boolean =>
  statuses.length > 0 &&
  statuses.every(({ name, state }) => {
    const container = containerOf(pod, name) ?? { name };
    return (
      state?.terminated !== undefined && !comesBack(container, policyOf(pod, container), state.terminated.exitCode)
    );
  });
