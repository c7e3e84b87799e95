import type { Finding } from '../../cluster.ts';

/** From 1.35 on, a kubelet refuses to start on cgroup v1 (`failCgroupV1`; https://kep.k8s.io/5573). */
const FIRST_THAT_REFUSES = 35;

/** The newest image of kind 0.33 whose kubelet takes cgroup v1. */
const OLDER_NODE = 'kindest/node:v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d';

/** What cgroup v1 means for a node image, by the Kubernetes version in its tag. Pure. */
export function cgroupFindings(cgroupVersion: '1' | '2', nodeImage: string): readonly Finding[] {
  if (cgroupVersion === '2') return [];
  const minor = /:v1\.(\d+)(?:\D|$)/.exec(nodeImage)?.[1];
  const remedy = `Boot with cgroup v2 (kernel command line: systemd.unified_cgroup_hierarchy=1), or take an older node image: --image node=${OLDER_NODE}`;
  if (minor === undefined) {
    const what = 'Docker is on cgroup v1, on which kubelets of Kubernetes 1.35 and later do not start';
    return [{ what, remedy, severity: 'warning' }];
  }
  if (Number(minor) < FIRST_THAT_REFUSES) return [];
  return [
    {
      what: `Docker is on cgroup v1, on which the kubelet of Kubernetes 1.${minor} does not start`,
      remedy,
      severity: 'error',
    },
  ];
}
