import { realProgramsOf } from '../images/base.ts';
import { baseFilesOf } from '../images/base-files.ts';
import type { Image } from '../images/image.ts';
import { DNS_SERVICE_ADDRESS } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import { parseQuantity } from '../kubernetes/model/quantity.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import { capabilitiesOf } from './capabilities.ts';
import { environmentOf, expand } from './environment.ts';
import { runsForReal, argvOf } from './for-real.ts';
import { machineMounts } from './machine-programs.ts';
import type { ContainerLaunch, LaunchMount } from './sandbox.ts';
import type { PodSources } from './sources.ts';
import { accountFiles, userOf } from './users.ts';
import { mountsOf, type PodVolumes } from './volumes.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** With less than this busybox itself does not start; bytes. */
const LEAST_MEMORY = 2 ** 20;

/** What a container is started with: all that its pod and image ask for, as far as a sandbox can give it. */
export function launchOf(
  pod: Pod,
  container: Container,
  image: Image,
  sources: PodSources,
  volumes: PodVolumes,
): ContainerLaunch {
  const { uid, gid, groups, home } = userOf(pod, container, image);
  const variables = environmentOf(pod, container, sources);
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
    groups,
    capabilities: capabilitiesOf(container),
    ...memoryOf(container),
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    readOnlyRoot: security.readOnlyRootFilesystem === true,
    streams: !real ? 'placeholder' : terminal ? 'terminal' : container.stdin === true ? 'input and output' : 'output',
    mounts: [...imageMounts(image, container.image ?? ''), ...mountsOf(pod, container, volumes, env)],
    files: rootFiles(pod, container, image, hostname),
  };
}

function memoryOf({ resources }: Container): { memory?: number } {
  const limit = resources?.limits?.['memory'];
  if (limit === undefined) return {};
  const { unscaled, scale } = parseQuantity(limit);
  return { memory: Math.max(LEAST_MEMORY, Math.floor(Number(unscaled) * 10 ** scale)) };
}

export const hostnameOf = ({ spec, metadata }: Pod): string =>
  (spec.hostname ?? metadata.name).slice(0, 63).replace(/[-.]+$/, '');

/** The programs of an image that are this machine's own. */
export const imageMounts = (image: Image, reference: string): readonly LaunchMount[] =>
  machineMounts(new Map(realProgramsOf(image, reference).map((name) => [`/usr/bin/${name}`, `/usr/bin/${name}`])));

function rootFiles(pod: Pod, { image: reference = '' }: Container, image: Image, hostname: string): TemplateEntry[] {
  const file = (path: string, data: string): TemplateEntry => ({ kind: 'file', path, mode: 0o644, data });
  return [
    ...imageFiles(image, reference),
    file('/etc/hostname', `${hostname}\n`),
    file('/etc/hosts', hostsFile(pod, hostname)),
    file('/etc/resolv.conf', resolvConf(pod)),
  ];
}

/** The files that an image brings besides its programs. */
export function imageFiles(image: Image, reference = image.repository): TemplateEntry[] {
  const { passwd, group } = accountFiles(image);
  const files = { ...baseFilesOf(image, reference), ...image.files };
  return [
    { kind: 'file', path: '/etc/passwd', mode: 0o644, data: passwd },
    { kind: 'file', path: '/etc/group', mode: 0o644, data: group },
    {
      kind: 'file',
      path: '/etc/nsswitch.conf',
      mode: 0o644,
      data: 'passwd: files\ngroup: files\nhosts: files dns\n',
    },
    // Its folders are one, as on every distribution that has it (usr-merge).
    ...(realProgramsOf(image, reference).includes('bash')
      ? [{ kind: 'link', path: '/bin/bash', mode: 0, data: '/usr/bin/bash' } as const]
      : []),
    ...Object.entries(files).map(([path, data]): TemplateEntry => ({
      kind: 'file',
      path,
      mode: /\/s?bin\//.test(path) ? 0o755 : 0o644,
      data,
    })),
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
