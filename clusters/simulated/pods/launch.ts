import type { Image } from '../images/image.ts';
import { DNS_SERVICE_ADDRESS } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import { capabilitiesOf } from './capabilities.ts';
import { environmentOf, expand } from './environment.ts';
import { runsForReal, argvOf } from './for-real.ts';
import type { ContainerLaunch } from './sandbox.ts';
import type { PodSources } from './sources.ts';
import { mountsOf, type PodVolumes } from './volumes.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Accounts of the busybox image, and of the images that bring one of their own. */
const PASSWD: readonly (readonly [
  name: string,
  uid: number,
  gid: number,
  home: string,
  shell: string,
  image?: string,
])[] = [
  ['root', 0, 0, '/root', '/bin/sh'],
  ['daemon', 1, 1, '/usr/sbin', '/bin/false'],
  ['bin', 2, 2, '/bin', '/bin/false'],
  ['sys', 3, 3, '/dev', '/bin/false'],
  ['sync', 4, 100, '/bin', '/bin/sync'],
  ['mail', 8, 8, '/var/spool/mail', '/bin/false'],
  ['www-data', 33, 33, '/var/www', '/bin/false'],
  ['operator', 37, 37, '/var', '/bin/false'],
  ['nobody', 65534, 65534, '/home', '/bin/false'],
  ['nginx', 101, 101, '/nonexistent', '/bin/false', 'nginx'],
  ['postgres', 999, 999, '/var/lib/postgresql', '/bin/sh', 'postgres'],
  ['redis', 999, 999, '/home/redis', '/bin/sh', 'redis'],
];

/** What a container is started with: all that its pod and image ask for, as far as a sandbox can give it. */
export function launchOf(
  pod: Pod,
  container: Container,
  image: Image,
  sources: PodSources,
  volumes: PodVolumes,
): ContainerLaunch {
  const { uid, gid } = userOf(pod, container, image);
  const variables = environmentOf(pod, container, sources);
  const own = PASSWD.filter(([, , , , , of]) => of === undefined || of === image.repository);
  const home = own.find(([, number]) => number === uid)?.[3] ?? '/';
  const hostname = hostnameOf(pod);
  const terminal = container.tty === true;
  const env = { PATH, HOSTNAME: hostname, ...(terminal ? { TERM: 'xterm' } : {}), HOME: home, ...variables };
  const real = runsForReal(container, image);
  const argv = argvOf(container, image).map((word) => expand(word, variables));
  const security = container.securityContext ?? {};
  return {
    argv,
    env,
    cwd: container.workingDir ?? '/',
    uid,
    gid,
    capabilities: capabilitiesOf(container),
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    readOnlyRoot: security.readOnlyRootFilesystem === true,
    streams: !real ? 'placeholder' : terminal ? 'terminal' : container.stdin === true ? 'input and output' : 'output',
    mounts: mountsOf(pod, container, volumes, env),
    files: rootFiles(pod, own, hostname),
  };
}

/** Numbers only, as the lab has one user: a name is looked up among the accounts above. The group is the first one; it has no others. */
function userOf(pod: Pod, { securityContext }: Container, image: Image): { uid: number; gid: number } {
  const ofPod = pod.spec.securityContext ?? {};
  const [user = '', group] = image.user.split(':');
  const account = PASSWD.find(([name, uid]) => name === user || String(uid) === user);
  const uid =
    securityContext?.runAsUser ?? ofPod.runAsUser ?? (user === '' ? 0 : (account?.[1] ?? (Number(user) || 0)));
  const gid =
    securityContext?.runAsGroup ??
    ofPod.runAsGroup ??
    (group === undefined ? (account?.[1] === uid ? account[2] : 0) : Number(group) || 0);
  return { uid, gid };
}

export const hostnameOf = ({ spec, metadata }: Pod): string =>
  (spec.hostname ?? metadata.name).slice(0, 63).replace(/[-.]+$/, '');

function rootFiles(pod: Pod, accounts: typeof PASSWD, hostname: string): TemplateEntry[] {
  const file = (path: string, data: string): TemplateEntry => ({ kind: 'file', path, mode: 0o644, data });
  const groups = [...accounts.map(([name, , gid]) => `${name}:x:${gid}:`), 'users:x:100:', 'tty:x:5:'];
  return [
    file(
      '/etc/passwd',
      accounts.map(([name, uid, gid, home, shell]) => `${name}:x:${uid}:${gid}:${name}:${home}:${shell}\n`).join(''),
    ),
    file('/etc/group', `${groups.join('\n')}\n`),
    file('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    file('/etc/hostname', `${hostname}\n`),
    file('/etc/hosts', hostsFile(pod, hostname)),
    file('/etc/resolv.conf', resolvConf(pod)),
  ];
}

/** pkg/kubelet/kubelet_pods.go managedHostsFileContent. */
function hostsFile(pod: Pod, hostname: string): string {
  const subdomain = pod.spec.subdomain ?? '';
  const domain = `${hostname}.${subdomain}.${pod.metadata.namespace}.svc.cluster.local`;
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${pod.status.podIP ?? ''}\t${subdomain === '' ? '' : `${domain}\t`}${hostname}`,
  ];
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length > 0) {
    lines.push(
      '',
      '# Entries added by HostAliases.',
      ...aliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** pkg/kubelet/network/dns/dns.go for dnsPolicy ClusterFirst; the machine's own search domains are none. */
function resolvConf({ spec, metadata }: Pod): string {
  const own = spec.dnsConfig ?? {};
  const fromCluster = spec.dnsPolicy !== 'None' && spec.dnsPolicy !== 'Default';
  const searches = [
    ...(fromCluster ? [`${metadata.namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'] : []),
    ...(own.searches ?? []),
  ];
  const servers = [...(fromCluster ? [DNS_SERVICE_ADDRESS] : []), ...(own.nameservers ?? [])];
  const options = [
    ...(fromCluster ? ['ndots:5'] : []),
    ...(own.options ?? []).map(({ name, value }) => (value === undefined ? (name ?? '') : `${name}:${value}`)),
  ];
  return [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}\n`]),
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}\n`]),
  ].join('');
}
