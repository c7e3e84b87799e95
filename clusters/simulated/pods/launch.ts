import { realProgramsOf } from '../images/base.ts';
import { baseFilesOf } from '../images/base-files.ts';
import type { Image } from '../images/image.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import { parseQuantity } from '../kubernetes/model/quantity.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import { capabilitiesOf } from './capabilities.ts';
import { environmentOf, expand } from './environment.ts';
import { runsForReal, argvOf } from './for-real.ts';
import { type NodeFiles, networkFiles } from './network-files.ts';
import { machineMounts } from './machine-programs.ts';
import type { ContainerLaunch, LaunchMount } from './sandbox.ts';
import { shownProgram } from './shown-program.ts';
import type { PodSources } from './sources.ts';
import { accountFiles, shadowFile, userOf } from './users.ts';
import { mountsOf, type PodVolumes } from './volumes.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** With less than this busybox itself does not start; bytes. */
const LEAST_MEMORY = 2 ** 20;

/** What a container's environment and files are made from. */
export interface LaunchSources {
  readonly sources: PodSources;
  readonly volumes: PodVolumes;
  readonly ofNode: NodeFiles;
}

/** What a container is started with: all that its pod and image ask for, as far as a sandbox can give it. */
export function launchOf(
  pod: Pod,
  container: Container,
  image: Image,
  { sources, volumes, ofNode }: LaunchSources,
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
    ...(real ? {} : { shown: shownProgram(argv, image) }),
    streams: !real ? 'placeholder' : terminal ? 'terminal' : container.stdin === true ? 'input and output' : 'output',
    mounts: [...imageMounts(image, container.image ?? ''), ...mountsOf(pod, container, volumes, env)],
    files: [...imageFiles(image, container.image), ...networkFiles(pod, hostname, ofNode), ...escapes(pod, container)],
  };
}

function memoryOf({ resources }: Container): { memory?: number } {
  const limit = resources?.limits?.['memory'];
  if (limit === undefined) return {};
  const { unscaled, scale } = parseQuantity(limit);
  return { memory: Math.max(LEAST_MEMORY, Math.floor(Number(unscaled) * 10 ** scale)) };
}

/** A pod that shares its node's network has its name, too. */
export const hostnameOf = ({ spec, metadata }: Pod): string =>
  (spec.hostNetwork === true ? (spec.nodeName ?? '') : (spec.hostname ?? metadata.name))
    .slice(0, 63)
    .replace(/[-.]+$/, '');

/** What would let a container into its node by the node's processes, which a lab does not give. */
function escapes({ spec }: Pod, { securityContext }: Container): readonly TemplateEntry[] {
  if (spec.hostPID !== true || securityContext?.privileged !== true) return [];
  const data =
    '#!/bin/sh\necho "nsenter: not simulated: entering the namespaces of the node; mount its / as a hostPath and chroot into that" >&2\nexit 1\n';
  return [{ kind: 'file', path: '/bin/nsenter', mode: 0o755, data }];
}

/** The programs of an image that are this machine's own. */
export const imageMounts = (image: Image, reference: string): readonly LaunchMount[] =>
  machineMounts(new Map(realProgramsOf(image, reference).map((name) => [`/usr/bin/${name}`, `/usr/bin/${name}`])));

/** The files that an image brings besides its programs. */
export function imageFiles(image: Image, reference = image.repository): TemplateEntry[] {
  const { passwd, group } = accountFiles(image);
  const files = { ...baseFilesOf(image, reference), ...image.files };
  return [
    { kind: 'file', path: '/etc/passwd', mode: 0o644, data: passwd },
    { kind: 'file', path: '/etc/group', mode: 0o644, data: group },
    { kind: 'file', path: '/etc/shadow', mode: 0o640, data: shadowFile(image, files['/etc/os-release']) },
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
      mode: /\/s?bin\/|entrypoint\.sh$/.test(path) ? 0o755 : 0o644,
      data,
    })),
  ];
}
