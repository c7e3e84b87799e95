import { RELEASE } from '../../kubernetes/bootstrap/release.ts';

/** A package of the lab's repositories. */
export interface AptPackage {
  readonly name: string;
  /** Newest first. */
  readonly versions: readonly string[];
  readonly section: string;
  readonly description: string;
  readonly depends?: string;
  /** Of the download, in bytes. */
  readonly bytes: number;
  /** The program that it brings, as far as a lab has it at its place. */
  readonly program?: string;
  /** The units that it brings. */
  readonly units?: readonly string[];
  /** Its configuration, which purging removes. */
  readonly configuration?: readonly string[];
}

export interface Repository {
  /** As in a line of sources.list, without the slash at its end. */
  readonly url: string;
  readonly suite: string;
  readonly packages: readonly AptPackage[];
}

const [major, minor, patch] = RELEASE.kubernetes.replace('v', '').split('.').map(Number) as [number, number, number];

/** The newest patch of the minors that the lab's repository has, which are those of its images (images/table.ts). */
const PATCHES: readonly (readonly [minor: number, newest: number])[] = [
  [minor, patch],
  [minor - 1, 1],
  [minor - 2, 3],
];

function kubernetesPackages(of: number, newest: number): readonly AptPackage[] {
  const versions = Array.from({ length: newest + 1 }, (_, i) => `${major}.${of}.${newest - i}-1.1`);
  return [
    {
      name: 'cri-tools',
      versions: [`${major}.${of}.0-1.1`],
      section: 'admin',
      description: 'Command-line utility for interacting with a container runtime',
      bytes: 17_100_000,
      program: '/usr/bin/crictl',
    },
    {
      name: 'kubeadm',
      versions,
      section: 'admin',
      description: 'Command-line utility for administering a Kubernetes cluster',
      depends: 'cri-tools (>= 1.30.0)',
      bytes: 12_600_000,
      program: '/usr/bin/kubeadm',
    },
    {
      name: 'kubectl',
      versions,
      section: 'admin',
      description: 'Command-line utility for interacting with a Kubernetes cluster',
      bytes: 11_700_000,
    },
    {
      name: 'kubelet',
      versions,
      section: 'admin',
      description: 'Node agent for Kubernetes clusters',
      depends: 'iptables (>= 1.4.21), kubernetes-cni (>= 1.2.0), libc6, mount, util-linux',
      bytes: 13_000_000,
      program: '/usr/bin/kubelet',
      units: ['kubelet.service'],
    },
    {
      name: 'kubernetes-cni',
      versions: ['1.8.0-1.1'],
      section: 'admin',
      description: 'Binaries required to provision kubernetes container networking',
      bytes: 39_900_000,
    },
  ];
}

const KUBERNETES: readonly Repository[] = PATCHES.map(([of, newest]) => ({
  url: `https://pkgs.k8s.io/core:/stable:/v${major}.${of}/deb`,
  suite: '/',
  packages: kubernetesPackages(of, newest),
}));

/** What a lab knows of the repositories that its hosts may name; of Debian's and Docker's the few packages that are modelled. */
export const REPOSITORIES: readonly Repository[] = [
  ...KUBERNETES,
  {
    url: 'https://download.docker.com/linux/debian',
    suite: 'bookworm',
    packages: [
      {
        name: 'containerd.io',
        versions: ['2.1.5-1~debian.12~bookworm'],
        section: 'devel',
        description: 'An open and reliable container runtime',
        bytes: 23_700_000,
        program: '/usr/bin/containerd',
        units: ['containerd.service'],
      },
      {
        name: 'docker-ce',
        versions: ['5:28.5.1-1~debian.12~bookworm'],
        section: 'admin',
        description: 'Docker: the open-source application container engine',
        depends: 'containerd.io (>= 1.7.27)',
        bytes: 20_300_000,
        program: '/usr/bin/dockerd',
        units: ['docker.socket', 'docker.service'],
      },
    ],
  },
  {
    url: 'http://deb.debian.org/debian',
    suite: 'bookworm',
    packages: [
      {
        name: 'openssh-server',
        versions: ['1:9.2p1-2+deb12u7'],
        section: 'net',
        description: 'secure shell (SSH) server, for secure access from remote machines',
        bytes: 456_000,
        program: '/usr/sbin/sshd',
        units: ['ssh.service'],
      },
      {
        name: 'vsftpd',
        versions: ['3.0.3-13+b2'],
        section: 'net',
        description: 'lightweight, efficient FTP server written for security',
        bytes: 142_000,
        program: '/usr/sbin/vsftpd',
        units: ['vsftpd.service'],
        configuration: ['/etc/vsftpd.conf'],
      },
    ],
  },
];

/** By the name that the lab gives what is installed (daemons/packages.ts); what has no row came without a package. */
const PACKAGES_OF: Readonly<Record<string, readonly string[]>> = {
  ssh: ['openssh-server'],
  docker: ['docker-ce'],
  containerd: ['containerd.io'],
  kubelet: ['cri-tools', 'kubeadm', 'kubectl', 'kubelet', 'kubernetes-cni'],
  vsftpd: ['vsftpd'],
};

/** The packages that a host begins with, in their newest version. */
export function packagesOf(installed: readonly string[]): readonly AptPackage[] {
  const names = installed.flatMap((one) => PACKAGES_OF[one] ?? []);
  const known = REPOSITORIES.flatMap(({ packages }) => packages);
  return names
    .flatMap((name) => known.find((one) => one.name === name) ?? [])
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The lines of sources.list.d that a host begins with, by file. */
export function sourcesOf(installed: readonly string[]): Readonly<Record<string, string>> {
  const names = new Set(packagesOf(installed).map(({ name }) => name));
  const named = (repository: Repository): boolean => repository.packages.some(({ name }) => names.has(name));
  const [kubernetes] = KUBERNETES;
  const docker = REPOSITORIES.find(({ url }) => url.includes('docker.com'));
  return {
    '/etc/apt/sources.list': 'deb http://deb.debian.org/debian bookworm main\n',
    ...(kubernetes !== undefined && named(kubernetes)
      ? {
          '/etc/apt/sources.list.d/kubernetes.list': `deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] ${kubernetes.url}/ /\n`,
        }
      : {}),
    ...(docker !== undefined && named(docker)
      ? {
          '/etc/apt/sources.list.d/docker.list': `deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] ${docker.url} bookworm stable\n`,
        }
      : {}),
  };
}
