import { LabError } from '../../cluster.ts';

interface KnownFailure {
  readonly pattern: RegExp;
  /** What went wrong, given the match. */
  readonly why: (match: RegExpExecArray) => string;
  readonly nextStep: string;
  /** kind does not know why: a node's last words say more. */
  readonly hasOnlyWaited?: true;
}

/** kind's own advice on limits: https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files */
const INOTIFY =
  'Raise the limits: sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512, or delete clusters that are no longer needed.';

/**
 * What kind and the docker client behind it say, most telling first: a full disk or a limit is the cause of the time-out that is
 * printed after it. Texts of kind 0.30–0.33 (pkg/cluster/internal/create/create.go, providers/docker/*.go, providers/common/logs.go),
 * of the docker client and of kubeadm 1.34–1.36 (cmd/kubeadm/app/util/apiclient/wait.go).
 */
const KNOWN: readonly KnownFailure[] = [
  {
    pattern: /exec: "docker": executable file not found/,
    why: () => 'kind needs the docker client, and there is none on PATH',
    nextStep: 'Install it: Debian’s package docker.io (or docker-cli where it is a package of its own).',
  },
  {
    pattern: /permission denied while trying to connect to the Docker/i,
    why: () => 'this user may not use Docker’s socket',
    nextStep: 'Join its group and log in again: sudo usermod -aG docker "$USER", or run this as root.',
  },
  {
    pattern: /Cannot connect to the Docker daemon|error during connect|docker daemon is not running/i,
    why: () => 'Docker does not answer',
    nextStep: 'Start it: sudo systemctl start docker. If it listens elsewhere, say so in DOCKER_HOST.',
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    why: () => 'the disk is full',
    nextStep:
      'Make room, for instance by docker system prune, and look at `docker info` for where Docker keeps its data.',
  },
  {
    pattern: /too many open files|Failed to create .*inotify|inotify_init|user\.max_inotify/i,
    why: () => 'a node has reached a limit of this machine on inotify',
    nextStep: INOTIFY,
  },
  {
    pattern:
      /(?:listen tcp[46]? |Bind for )(\S+?):? .*?(?:address already in use|port is already allocated)|Bind for (\S+) failed: port is already allocated/,
    why: (match) => `the port ${match[1] ?? match[2] ?? ''} of this machine is taken`,
    nextStep: 'Try again: kind takes another free port each time.',
  },
  {
    pattern: /node\(s\) already exist for a cluster with the name "([^"]+)"/,
    why: (match) => `there is a cluster of the name ${match[1]} already`,
    nextStep:
      'Try again: each lab has a name of its own. If that cluster is no longer needed: kind delete cluster --name with its name.',
  },
  {
    pattern: /requires setting systemd property "Delegate=yes"/,
    why: () => 'Docker runs without root, and may not limit what its containers take',
    nextStep: 'Delegate it as https://kind.sigs.k8s.io/docs/user/rootless says, or use a Docker that runs as root.',
  },
  {
    pattern:
      /cgroup v1.*(?:unsupported|not supported)|kubelet is configured to not run on a host using cgroup v1|requires cgroup v2/i,
    why: () => 'this machine uses version 1 of control groups, which Kubernetes 1.35 and later do not run on',
    nextStep: 'Boot it with systemd.unified_cgroup_hierarchy=1, or give an older node image with --image.',
  },
  {
    pattern:
      /(?:failed to pull image|pull access denied for|manifest for(?= \S+ not found)|Unable to find image) ?["']?([\w./:@-]*)/i,
    why: (match) => `the image ${match[1] ?? ''} is neither here nor to be had`,
    nextStep: 'Name one that is: --image REF, bring it with ./breachlab images load FILE, or check the network.',
  },
  {
    pattern:
      /failed to detect containerd snapshotter|stat \/kind\/version|cat: \/kind\/version|failed to get kubernetes version from node|exec: "(?:kubeadm|systemctl|cat|\/usr\/local\/bin\/entrypoint)"|entrypoint.*no such file/,
    why: () => 'the image is not a node image of kind',
    nextStep: 'Give one made for it with --image, for instance kindest/node:v1.35.8.',
  },
  {
    pattern: /unable to apply caps|operation not permitted.*(?:cgroup|privileged)|error mounting "cgroup/i,
    why: () => 'Docker may not start privileged containers here',
    nextStep: 'Kubernetes nodes need them: run Docker on a machine or a virtual machine of its own.',
  },
  {
    pattern: /could not find a log line that matches/,
    hasOnlyWaited: true,
    why: () => 'a node’s container started, but its systemd did not come up within 30 seconds',
    nextStep: `Mostly a limit or too little memory. ${INOTIFY}`,
  },
  {
    pattern: /failed to ensure docker network/,
    why: () => 'the lab’s network is gone',
    nextStep: 'Try again. If Docker has no free addresses: docker network prune.',
  },
  {
    pattern:
      /timed out waiting for the condition|The kubelet is not (?:healthy|running)|context deadline exceeded|failed to init node with kubeadm/,
    hasOnlyWaited: true,
    why: () => 'kubeadm waited in vain for the control plane',
    nextStep: 'Look whether this machine has the memory and the processors: ./breachlab doctor --backend kind.',
  },
  {
    pattern: /failed to join node with kubeadm/,
    hasOnlyWaited: true,
    why: () => 'the second node could not join the first',
    nextStep: 'Look whether this machine has the memory and the processors: ./breachlab doctor --backend kind.',
  },
];

/** Of what is quoted. */
const QUOTED_LINES = 6;
const QUOTED_CHARACTERS = 1500;

/**
 * What kind printed as a `LabError`: the reason and what to do, and its own last words where they are not known. `doing` completes
 * `kind could not …`; `logs` are what its nodes said, whose last lines are quoted where kind itself has only waited.
 */
export function kindFailure(
  said: string,
  doing: string,
  { logs = '', cause = said }: { readonly logs?: string | undefined; readonly cause?: unknown } = {},
): LabError {
  for (const { pattern, why, nextStep, hasOnlyWaited } of KNOWN) {
    const match = pattern.exec(said) ?? (hasOnlyWaited === true ? null : pattern.exec(logs));
    if (match === null) continue;
    const quoted = hasOnlyWaited === true && logs.trim() !== '' ? ` Its last words:\n${lastLines(logs)}` : '';
    return new LabError(`kind could not ${doing}: ${why(match)}.${quoted}`, nextStep, { cause });
  }
  return new LabError(
    `kind could not ${doing}:\n${lastLines(said.replace(/\nStack Trace:[^]*/, ''))}`,
    'Try again with BREACHLAB_DEBUG=1, or look at https://kind.sigs.k8s.io/docs/user/known-issues',
    { cause },
  );
}

const lastLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-QUOTED_LINES)
    .join('\n')
    .slice(-QUOTED_CHARACTERS);
