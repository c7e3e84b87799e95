import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTROLLER_MANAGER_FLAGS, SCHEDULER_FLAGS } from '../../clusters/simulated/components/flags/program-flags.ts';
import { REFUSED, WITHOUT_EFFECT } from '../../clusters/simulated/daemons/sshd/keywords.ts';
import { IMAGES } from '../../clusters/simulated/images/table.ts';
import {
  NOT_MODELLED,
  ON_BY_DEFAULT,
  PLUGIN_ORDER,
} from '../../clusters/simulated/kubernetes/admission/plugin-names.ts';
import { VERSION } from '../../clusters/simulated/kubernetes/apiserver/version.ts';
import { API_SERVER, type KnownFlags } from '../../clusters/simulated/kubernetes/flags/table.ts';
import { builtInResources } from '../../clusters/simulated/kubernetes/resources/registry.ts';
import type { Resource } from '../../clusters/simulated/kubernetes/resources/resource.ts';
import { refusalsOf } from './not-simulated.ts';
import { type GeneratedPage, heading, listed, table } from './page.ts';

const SIMULATED = 'clusters/simulated';

/** docs/fidelity.md: what the simulated backend models, what it knows without effect, and what it refuses. */
export const FIDELITY_PAGE: GeneratedPage = {
  name: 'fidelity.md',
  text: async (project) => {
    const folder = join(project, SIMULATED);
    const parts = [
      heading('How far the simulator can be believed', 'the tables and texts in clusters/simulated/'),
      INTRODUCTION,
      flags(API_SERVER, '; of --feature-gates the shape is checked, not the names'),
      flags(SCHEDULER_FLAGS, ''),
      flags(CONTROLLER_MANAGER_FLAGS, ''),
      plugins(),
      `## Resources\n\nThe API of ${VERSION.gitVersion}, one row a resource; a CustomResourceDefinition adds rows at run time.\n\n${resources()}`,
      await controllers(folder),
      images(),
      sshKeywords(),
      await refusals(folder),
    ];
    return `${parts.join('\n').trimEnd()}\n`;
  },
};

const INTRODUCTION = `The rule: what is not modelled is refused in words, \`not simulated: …\`, and never answered plausibly. Each check of a scenario says how
its backend knows: \`real\` packets and programs, \`modelled\` ones, or \`unsupported\`, which counts neither way.

**Real**: bash, vim, kubectl, helm, ssh, curl, openssl, nmap, etcdctl, iptables, nft and ufw; users, files and processes in namespaces;
packets, TLS, HTTP, SSH and gRPC over sockets of the host's own network; the certificates, and the bytes of encrypted Secrets.
**Modelled**: the API server, scheduler, controllers, kubelet, etcd, dockerd, sshd and the Dashboard answer as upstream does, from the
host's own configuration files; systemctl, journalctl, service, crictl and docker are clients of those models.
**Containers** run in namespaces of their own, with busybox's programs, those of Debian's images with this machine's bash and perl too,
nginx with its curl and openssl: with their user and groups, capabilities, read-only root, volumes and network. One whose course is plain before it runs (\`sleep\`, \`true\`) is started when somebody looks into it,
and ends as soon as it is asked to. nginx, httpd, redis, PostgreSQL, CoreDNS and a miner are models that read their container's own configuration, as
\`nginx\`, \`redis-cli\`, \`psql\` and \`pg_isready\` are when somebody runs them there; other images' programs are known to listen, no more.
**Users** are real where the server is root, or has numbers in /etc/subuid and uidmap: accounts of a host log in as themselves, permissions
and owners hold. Nothing is set-user-id: \`sudo\` and \`su\` are the lab's, by /etc/sudoers and passwords, and other commands of the lab are
root's, except systemctl, journalctl and docker. Elsewhere every account of a host acts as root, and a pod has one user and no further groups.
**Nodes**: whatever lies in a kubelet's folder of static pods runs, the control plane's programs by models and other pods by their mirror
pod; who deletes that one restarts its processes, which upstream's do not notice. \`apt\`, \`apt-get\`, \`apt-cache\` and \`apt-mark\` know the
lab's few repositories and keep dpkg's own record; with another version nothing changes but what the kubelet, its Node and kubeadm say
of themselves. \`sysctl\` keeps a record of the settings that a kubelet looks at and that kubeadm's guide makes; others
are the machine's. systemd's units are services and sockets, by their files in /etc, /run and /usr/lib/systemd/system; those of other types are
refused, and targets are mere names. A socket's connections go to dockerd, not to programs of the host's own. Without etcd the API server's requests wait, its
probes fail and it does not start; the controllers, scheduler and kubelets go on, which upstream's would not.
Scheduler, controllers and kubelets come to the API server by their kubeconfigs, as upstream's do; what they may do there is looked at when
they are started anew and come through, and from then on they act without asking. The scheduler and the controller manager hold their
Leases, which they renew every ten seconds and take over at once, as there are never two of them; of \`--controllers\` what is not modelled does
not run either, and the keys and certificates that their flags name have to be there, but others in their place change nothing. A kubelet that is kept out runs of its static pods those
of the control plane alone, and does not ask for a certificate by a bootstrap kubeconfig.
etcd's \`member/snap/db\` follows within seconds and has the present values alone, its write-ahead log is not kept. The logs of pods lie
in /var/log/pods in the runtime's format; of those put aside at 10 MiB the last one is kept. The CNI's files say what pods have, and change nothing.
**Processes**: each modelled daemon of a host, and each program of the control plane on its node, is a process there with its name, words, user
and listening sockets, for \`ps\`, \`ss -p\`, \`lsof\`, /proc and \`kill\`; the model does what a signal asks for, but is not held up by SIGSTOP. Such
a process has neither threads nor children, and no open connection is its own; one of the control plane's sees its node's files instead of
its container's. What runs in the pods of a node and in Docker's containers there is among its processes from when somebody first runs a program
on the node, with its words, user, environment and files for root; each container has a shim of its own, which no sandbox shares,
and no pause beside it, unless the pod's containers share their processes. A process of a server that is modelled stands alone, uses no CPU and does
nothing when a signal other than those that end it comes; /proc/PID/cgroup tells nothing of pods, nsenter is refused, and what shares its
node's network or processes keeps its environment and files to itself. Programs of packages lie in /usr/bin and /usr/sbin, which can
be written to, and are a few hundred bytes each; where the machine has no overlayfs for its users they are in /usr/local/bin.
**Docker's** containers run as pods do, on a bridge of the node: what is mounted into them is the node's own disk, and published ports are
rules of the node's own firewall. A container that is started again has its image's files: \`docker diff\` and \`commit\` want one that runs.
\`docker build\` does a Dockerfile's steps in such a container, as dockerd does without BuildKit; what it builds has up to 8 MiB of files of
its own, which belong to root, and a cluster's nodes do not have it.
**Networks** are real: each pod has its own address and link, and Services, NetworkPolicies, the cluster's names and the metadata service
169.254.169.254 are met as packets, from pods and nodes; whoever is neither reaches NodePorts alone. A node's iptables have kube-proxy's
chains, as in its mode \`iptables\`, and see all packets of the node's pods; NetworkPolicies are a table of nftables beside them. kube-proxy's
follow the API while one runs on the node, whatever mode its configuration names, and nobody listens at its ports on the node; both come back a second after they were flushed. A Service without endpoints refuses TCP by a reset,
not by ICMP, nobody answers at health check node ports, and the metadata service gives sessions to nodes alone, as EC2 does by default. Names
outside of the cluster are asked for where the Corefile forwards them, over TCP; a node has no resolver of its own.
What goes to and fro by UDP keeps its way when endpoints or rules change, until nothing has come for half a minute: connections that the
kernel tracks are not cleared, as kube-proxy would.
No container is given what leads out of a lab: a privileged one has neither SYS_ADMIN, SYS_PTRACE and their like nor its node's devices,
and reaches the node through its files, network and processes. \`hostUsers\` and \`procMount\` change nothing that a container sees: each pod
has a user namespace of its own as it is. An image is pulled as soon as it is asked for, however long its event says that it took.
The volumes of a pod hold 48 MB together, as does each container's root; what is written beyond limits of \`emptyDir\` and \`ephemeral-storage\`
has the pod evicted. Modelled, not real: time, CPU, and memory limits. The simulator's machines share one kernel, its time and its memory.
`;

/** What is said of one program's flags, beside which there is `also`. */
function flags({ program, flags: known, effective }: KnownFlags, also: string): string {
  const names = [...known.keys()].sort();
  return `## ${program} flags

${effective.size} of ${known.size} flags change what it does. An unknown flag, a malformed value or ones that do not go together keep it down, as upstream${also}.

With effect: ${listed([...effective].sort())}.

Checked by name and type, then without effect: ${listed(names.filter((name) => !effective.has(name)))}.
`;
}

function plugins(): string {
  const idle = [...NOT_MODELLED].filter((name) => ON_BY_DEFAULT.has(name));
  const refused = [...NOT_MODELLED].filter((name) => !ON_BY_DEFAULT.has(name));
  return `## Admission plugins

Modelled: ${listed(PLUGIN_ORDER.filter((name) => !NOT_MODELLED.has(name)))}.

On by default upstream, here without effect: ${listed(idle)}.

Not modelled; the API server stays down when one is enabled: ${listed(refused)}.

CEL's expressions have a budget when they run, as upstream. Upstream's estimate of what they may cost, by which it refuses some of them
when a policy or a definition is written, is not made; nor does a policy's status tell of fields that \`has\` asks for and that there are not.
`;
}

function resources(): string {
  const groups = Map.groupBy(builtInResources(), ({ group, version }) =>
    group === '' ? version : `${group}/${version}`,
  );
  const rows = [...groups].map(([groupVersion, members]) => [
    `\`${groupVersion}\``,
    members.map(resource).sort().join(', '),
  ]);
  return table(['group', 'resources (subresources)'], rows);
}

const resource = ({ plural, subresources }: Resource): string =>
  subresources.length === 0 ? plural : `${plural} (${subresources.map(({ name }) => name).join(', ')})`;

/** What components/programs/controller-manager.ts imports from controllers/ that makes no loop. */
const NO_LOOPS = new Set(['eventRecorder', 'runControllers']);

/** The loops that components/programs/controller-manager.ts starts, by the functions that make them. */
async function controllers(folder: string): Promise<string> {
  const source = await readFile(join(folder, 'components/programs/controller-manager.ts'), 'utf8');
  const imported = [...source.matchAll(/^import \{([^}]*)\} from '(?:\.\.\/)+kubernetes\/controllers\//gm)].flatMap(
    ([, names = '']) => names.split(',').map((name) => name.trim()),
  );
  const loops = imported
    .filter((name) => /^[a-z]\w+$/.test(name) && !NO_LOOPS.has(name))
    .map((name) => name.replace(/Controller$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
  if (loops.length === 0) throw new Error('components/programs/controller-manager.ts imports no controllers');
  return `## Controllers

The loops of kube-controller-manager that run: ${[...new Set(loops)].sort().join(', ')}. Others do not; what would wait for them waits.
`;
}

function images(): string {
  const rows = IMAGES.map(({ repository, tags, listens, behaviour }) => [
    `\`${repository}\``,
    tags.join(', '),
    listens.join(', '),
    behaviour,
  ]);
  return `## Images

An image is a row of a table. One that has no row cannot be pulled: \`ErrImagePull\`.

${table(['image', 'tags', 'listens on', ''], rows)}`;
}

function sshKeywords(): string {
  return `## sshd

Keywords of sshd_config(5) that narrow access and are not modelled keep sshd down rather than being ignored: ${listed(Object.keys(REFUSED))}
(with any value but the harmless one). Without effect, which the journal says at start: ${listed(WITHOUT_EFFECT)}.
`;
}

async function refusals(folder: string): Promise<string> {
  const found = await refusalsOf(folder);
  const rows = found.map(({ file, text }) => [`\`${text}\``, `\`${file}\``]);
  return `## Refusals

Every text of the simulator that begins so; \`{…}\` is what was asked.

${table(['not simulated: …', `in ${SIMULATED}/`], rows)}`;
}
