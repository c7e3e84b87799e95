import { compareReleases, type ReleaseNumber } from './release-number.ts';

export interface Versions {
  readonly wanted: ReleaseNumber;
  readonly cluster: ReleaseNumber;
  readonly kubeadm: ReleaseNumber;
  readonly kubelets: readonly ReleaseNumber[];
}

/** How far kubelets may be behind the control plane (cmd/kubeadm/app/constants, KubeletVersion skew of three minors). */
const KUBELET_SKEW = 3;

/**
 * Why kubeadm does not upgrade the control plane to a version (cmd/kubeadm/app/phases/upgrade/policy.go EnforceVersionPolicies): what
 * nothing helps against, and what `--force` skips.
 */
export function policyErrors({ wanted, cluster, kubeadm, kubelets }: Versions): {
  readonly mandatory: readonly string[];
  readonly skippable: readonly string[];
} {
  const mandatory: string[] = [];
  const skippable: string[] = [];
  const to = `Specified version to upgrade to "${textOf(wanted)}"`;
  if (wanted.minor > cluster.minor + 1)
    mandatory.push(`${to} is too high; kubeadm can upgrade only 1 minor version at a time`);
  if (wanted.minor < cluster.minor - 1)
    mandatory.push(
      `Specified version to downgrade to "${textOf(wanted)}" is too low; kubeadm can downgrade only 1 minor version at a time`,
    );
  if (compareReleases(kubeadm, wanted) < 0) {
    if (wanted.minor > kubeadm.minor)
      mandatory.push(
        `${to} is at least one minor release higher than the kubeadm minor release (${wanted.minor} > ${kubeadm.minor}). Such an upgrade is not supported`,
      );
    else
      skippable.push(
        `${to} is higher than the kubeadm version "${textOf(kubeadm)}". Upgrade kubeadm first using the tool you used to install kubeadm`,
      );
  }
  if (kubeadm.minor > wanted.minor)
    skippable.push(
      `Kubeadm version ${textOf(kubeadm)} can only be used to upgrade to Kubernetes version ${kubeadm.major}.${kubeadm.minor}`,
    );
  const old = kubelets.filter(({ minor }) => wanted.minor > minor + KUBELET_SKEW).map(textOf);
  if (old.length > 0)
    skippable.push(`There are kubelets in this cluster that are too old that have these versions [${old.join(' ')}]`);
  return { mandatory, skippable };
}

export const textOf = ({ major, minor, patch }: ReleaseNumber): string => `v${major}.${minor}.${patch}`;
