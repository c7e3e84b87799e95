import { type HostName, HOST_NAMES } from '../../../protocol/host.ts';
import { LabId } from '../../../protocol/ids.ts';

/** Whose a thing in Docker is. Several servers may share one Docker; each touches what carries its own id alone. */
export interface Ownership {
  readonly lab: LabId;
  /** A stable id of the server's data directory. */
  readonly server: string;
}

export type Role = 'network' | 'host' | 'node' | 'volume';

export const LABELS = {
  lab: 'io.breachlab.lab',
  server: 'io.breachlab.server',
  role: 'io.breachlab.role',
  host: 'io.breachlab.host',
} as const;

/** What `kind` itself puts on each node of a cluster: the cluster's name (kind, pkg/cluster/internal/providers/docker/constants.go). */
export const KIND_CLUSTER_LABEL = 'io.x-k8s.kind.cluster';

/** Everything we make carries these; nothing without them is ever touched. */
export const labelsOf = ({ lab, server }: Ownership, role: Role): Record<string, string> => ({
  [LABELS.lab]: lab,
  [LABELS.server]: server,
  [LABELS.role]: role,
});

/** The name of a lab's network and of its kind cluster; a lab's other things begin with it. */
export const dockerNameOf = (lab: LabId): string => `breachlab-${lab}`;

/** The lab that labels name; undefined when they are not ours. */
export function labOf(labels: Readonly<Record<string, string>> | undefined): LabId | undefined {
  const { success, data } = LabId.safeParse(labels?.[LABELS.lab]);
  return success ? data : undefined;
}

/** The lab host that a container's labels name. */
export const hostOf = (labels: Readonly<Record<string, string>> | undefined): HostName | undefined =>
  HOST_NAMES.find((name) => name === labels?.[LABELS.host]);

/** A filter for Docker's lists: what belongs to that server, and to that lab when one is named. */
export const ownedBy = (server: string, lab?: LabId): { label: string[] } => ({
  label: [`${LABELS.server}=${server}`, ...(lab === undefined ? [] : [`${LABELS.lab}=${lab}`])],
});
