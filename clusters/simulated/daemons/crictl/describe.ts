import { capabilityNames } from '../../pods/capabilities.ts';
import type { StartedContainer } from '../../pods/real-container.ts';
import type { CriContainer, CriImage, CriSandbox } from './cri-runtime.ts';

/** What the CRI tells, as crictl writes it in JSON (kubernetes/cri-api, runtime/v1/api.proto). */

const NEVER = '0001-01-01T00:00:00Z';

const time = (at: Date | undefined): string =>
  at
    ?.toISOString()
    .replace(/(\.\d*?)0*Z$/, '$1Z')
    .replace('.Z', 'Z') ?? NEVER;

/** Nanoseconds since 1970 as protobuf's JSON has them: text. */
const nanoseconds = (at: Date): string => `${BigInt(at.getTime()) * 1_000_000n}`;

export const labelsOf = ({ name, sandbox }: CriContainer): Readonly<Record<string, string>> => ({
  'io.kubernetes.container.name': name,
  'io.kubernetes.pod.name': sandbox.name,
  'io.kubernetes.pod.namespace': sandbox.namespace,
  'io.kubernetes.pod.uid': sandbox.uid,
});

/** A container in a list. */
export const containerRow = (container: CriContainer): object => ({
  id: container.id,
  podSandboxId: container.sandbox.id,
  metadata: { name: container.name, attempt: container.attempt },
  image: { image: container.imageId, annotations: {}, userSpecifiedImage: container.image, runtimeHandler: '' },
  imageRef: container.imageId,
  state: stateOf(container),
  createdAt: nanoseconds(container.created),
  labels: labelsOf(container),
  annotations: annotationsOf(container),
  imageId: container.imageId,
});

const stateOf = ({ state }: CriContainer): string => `CONTAINER_${state.toUpperCase()}`;

const annotationsOf = ({ attempt }: CriContainer): object => ({
  'io.kubernetes.container.restartCount': String(attempt),
});

export function containerStatus(container: CriContainer): object {
  const { id, name, attempt, image, imageId, imageRef, created, finished, exitCode, reason, message, logPath } =
    container;
  return {
    id,
    metadata: { name, attempt },
    state: stateOf(container),
    createdAt: time(created),
    startedAt: time(created),
    finishedAt: time(finished),
    exitCode,
    image: { annotations: {}, image, runtimeHandler: '', userSpecifiedImage: '' },
    imageRef,
    imageId,
    reason,
    message,
    labels: labelsOf(container),
    annotations: annotationsOf(container),
    logPath,
  };
}

/** What is told besides of a container that runs; `started` is left out where nothing of it could be reached. */
export function containerInfo(
  container: CriContainer,
  pid: number | undefined,
  started: StartedContainer | undefined,
): object {
  const launch = started?.launch;
  const argv = container.argv ?? launch?.argv;
  return {
    sandboxID: container.sandbox.id,
    ...(pid === undefined ? {} : { pid }),
    removing: false,
    snapshotKey: container.id,
    snapshotter: 'overlayfs',
    runtimeType: container.sandbox.handler === 'runsc' ? 'io.containerd.runsc.v1' : 'io.containerd.runc.v2',
    ...(argv === undefined ? {} : { runtimeSpec: runtimeSpec(argv, launch) }),
  };
}

/** The part of the runtime's configuration that a lab's containers are started with (opencontainers/runtime-spec, config.md). */
function runtimeSpec(argv: readonly string[], launch: StartedContainer['launch'] | undefined): object {
  if (launch === undefined) return { process: { args: argv } };
  const capabilities = capabilityNames(launch.capabilities);
  const sets = Object.fromEntries(['bounding', 'effective', 'permitted'].map((set) => [set, capabilities]));
  const profile = launch.confinement?.profile;
  return {
    hostname: launch.env['HOSTNAME'] ?? '',
    process: {
      args: argv,
      env: Object.entries(launch.env).map(([name, value]) => `${name}=${value}`),
      cwd: launch.cwd,
      user: { uid: launch.uid, gid: launch.gid, additionalGids: launch.groups },
      capabilities: sets,
      noNewPrivileges: launch.noNewPrivileges,
      ...(profile === undefined || profile === '' ? {} : { apparmorProfile: profile }),
    },
    root: { path: 'rootfs', ...(launch.readOnlyRoot ? { readonly: true } : {}) },
  };
}

const sandboxMetadata = ({ name, uid, namespace, attempt }: CriSandbox): object => ({ name, uid, namespace, attempt });

const sandboxLabels = ({ labels, name, namespace, uid }: CriSandbox): object => ({
  ...labels,
  'io.kubernetes.pod.name': name,
  'io.kubernetes.pod.namespace': namespace,
  'io.kubernetes.pod.uid': uid,
});

export const sandboxRow = (sandbox: CriSandbox): object => ({
  id: sandbox.id,
  metadata: sandboxMetadata(sandbox),
  state: sandboxState(sandbox),
  createdAt: nanoseconds(sandbox.created),
  labels: sandboxLabels(sandbox),
  annotations: sandbox.annotations,
  runtimeHandler: sandbox.handler,
});

const sandboxState = ({ ready }: CriSandbox): string => `SANDBOX_${ready ? 'READY' : 'NOTREADY'}`;

export const sandboxStatus = (sandbox: CriSandbox): object => ({
  id: sandbox.id,
  metadata: sandboxMetadata(sandbox),
  state: sandboxState(sandbox),
  createdAt: time(sandbox.created),
  network: { additionalIps: [], ip: sandbox.ready ? sandbox.address : '' },
  labels: sandboxLabels(sandbox),
  annotations: sandbox.annotations,
  runtimeHandler: sandbox.handler,
});

/** An image, in a list and alone: a user is told by number or by name. */
export function imageStatus({ id, tags, digests, bytes, user, pinned }: CriImage): object {
  const [name = ''] = user.split(':');
  const isNumber = /^\d*$/.test(name);
  return {
    id,
    repoTags: tags,
    repoDigests: digests,
    size: String(bytes),
    uid: isNumber ? { value: name === '' ? '0' : name } : null,
    username: isNumber ? '' : name,
    spec: null,
    pinned,
  };
}
