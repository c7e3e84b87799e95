import type { HostName } from '../../../protocol/host.ts';
import type { Host, Seed } from '../../cluster.ts';
import type { KindCli } from '../cli/kind-cli.ts';
import type { ClusterAccess } from '../cluster/cluster-access.ts';
import type { Engine } from '../docker/engine.ts';
import type { ContainerLimits } from '../docker/lab-container.ts';
import type { Ownership } from '../docker/ownership.ts';
import type { ImageChoices } from '../images/choices.ts';

/** What every lab of a backend is made with. */
export interface Workshop {
  readonly engine: Engine;
  /** Whose all of it is, see `Ownership`. */
  readonly server: string;
  readonly kind: KindCli;
  readonly choices: ImageChoices;
  /** helm on this machine, for the workstation. */
  readonly helm?: string;
  /** For builds of images: `HTTP_PROXY` and its kin, `APT_MIRROR`. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** A folder of this server alone, for what kind writes. */
  readonly directory: string;
  /** Of each of a lab's hosts, and of each of its nodes. */
  readonly limits: { readonly host: ContainerLimits; readonly node: ContainerLimits };
  readonly log: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface WorldRequest {
  readonly ownership: Ownership;
  readonly seed: Seed;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/** What there is of a lab between two resets. */
export interface World {
  /** Those of the seed. */
  readonly hosts: ReadonlyMap<HostName, Host>;
  readonly controlPlane: Host;
  readonly access: ClusterAccess;
}

/** Hosts that are nodes of the cluster; the others are containers of their own. */
export const NODE_HOSTS = ['controlplane', 'node01'] as const satisfies readonly HostName[];
export type NodeHost = (typeof NODE_HOSTS)[number];

/** The nodes of a seed's cluster. */
export const nodesOf = ({ cluster }: Pick<Seed, 'cluster'>): readonly NodeHost[] =>
  NODE_HOSTS.slice(0, cluster?.nodes ?? NODE_HOSTS.length);

export const isNodeHost = (name: HostName): name is NodeHost => NODE_HOSTS.some((node) => node === name);
