import { createHash } from 'node:crypto';
import { decodeValue } from '../../kubernetes/model/decode.ts';
import type { Container, Pod, Volume } from '../../kubernetes/model/generated/objects.ts';
import { UnmarshalError } from '../../kubernetes/model/typed.ts';
import { parseYaml } from '../../kubernetes/model/yaml-text.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { POD } from '../../kubernetes/resources/strategies/pods.ts';
import { ApiError } from '../../kubernetes/status.ts';

export interface StaticPod {
  readonly file: string;
  readonly name: string;
  readonly namespace: string;
  /** Its uid, by default the kubelet's hash of what the file says, on that node and under that name: another one is another pod. */
  readonly hash: string;
  readonly container: string;
  readonly image: string;
  /** The first container's command and arguments. */
  readonly argv: readonly string[];
  /** As the file has it. */
  readonly object: KubeObject;
  /** As the kubelet runs it: with the name, the uid and the defaults that it gives. */
  readonly pod: Pod;
}

/** Why a file is no static pod, in the kubelet's words. */
export class NoStaticPod extends Error {
  override readonly name = 'NoStaticPod';
}

const POD_TYPE = 'io.k8s.api.core.v1.Pod';

/**
 * Reads a file of the manifests' folder as the kubelet of that node does (pkg/kubelet/config/{file,common}.go): decoded, given defaults
 * and validated as the API server would, and without a reference to objects of the API. Throws `NoStaticPod`.
 */
export function readStaticPod(file: string, content: Buffer, node: string): StaticPod {
  const object = decoded(file, content);
  const { name, namespace = 'default', uid } = object.metadata;
  const hash =
    uid !== undefined && UID.test(uid)
      ? uid
      : createHash('md5')
          .update(`${inOrder(object)}host:${node}file:${file}`)
          .digest('hex');
  const pod = structuredClone(object) as Pod;
  pod.metadata = { ...pod.metadata, name: `${name}-${node}`, namespace, uid: hash };
  pod.spec = { ...pod.spec, nodeName: node };
  POD.defaults?.(pod);
  const found = POD.validate?.(pod) ?? [];
  const problems = name ? found : [{ field: 'metadata.name', message: 'Required value' }, ...found];
  if (problems.length > 0)
    throw new NoStaticPod(`invalid pod: [${problems.map(({ field, message }) => `${field}: ${message}`).join(' ')}]`);
  const kind = referenceOf(pod);
  if (kind !== undefined) throw new NoStaticPod(`static pods may not reference ${kind}`);
  pod.status = { phase: 'Pending' };
  const [container] = pod.spec.containers ?? [];
  return {
    file,
    name,
    namespace,
    hash,
    container: container?.name ?? '',
    image: container?.image ?? '',
    argv: [...(container?.command ?? []), ...(container?.args ?? [])],
    object,
    pod,
  };
}

/** What may be part of a path: a static pod's logs lie under its uid. */
const UID = /^[\w.-]{1,64}$/;

/** The same text for whatever order its fields are written in. */
const inOrder = (object: object): string =>
  JSON.stringify(object, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );

function decoded(file: string, content: Buffer): KubeObject {
  const noPod = (why: string): NoStaticPod =>
    new NoStaticPod(`${file}: couldn't parse as pod(${why}), please check config file`);
  try {
    const { value } = parseYaml(content.toString('utf8'));
    const { kind, apiVersion } = (value ?? {}) as { kind?: unknown; apiVersion?: unknown };
    for (const [field, given] of [
      ['Kind', kind],
      ['apiVersion', apiVersion],
    ] as const)
      if (given === undefined || given === '')
        throw noPod(`Object '${field}' is missing in '${JSON.stringify(value)}'`);
    return decodeValue(value, { type: POD_TYPE }).object;
  } catch (error) {
    if (error instanceof UnmarshalError) throw noPod(error.message);
    if (error instanceof ApiError) throw noPod(error.message.replace(/^.*? cannot be handled as a Pod: /s, ''));
    throw error;
  }
}

/** The resource of the API that a pod refers to, which a static pod must not (pkg/api/pod/util.go HasAPIObjectReference). */
function referenceOf({ spec }: Pod): string | undefined {
  const containers: readonly Container[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const volumes = spec.volumes ?? [];
  const inEnvironment = (key: 'secret' | 'configMap'): boolean =>
    containers.some(
      ({ env, envFrom }) =>
        (env ?? []).some(({ valueFrom }) => valueFrom?.[`${key}KeyRef`] !== undefined) ||
        (envFrom ?? []).some((source) => source[`${key}Ref`] !== undefined),
    );
  const inVolumes = (is: (volume: Volume) => boolean): boolean => volumes.some(is);
  const projects = (key: 'secret' | 'configMap' | 'serviceAccountToken' | 'clusterTrustBundle') => (volume: Volume) =>
    (volume.projected?.sources ?? []).some((source) => source[key] !== undefined);
  const rows: readonly (readonly [string, boolean])[] = [
    ['serviceaccounts', (spec.serviceAccountName ?? '') !== ''],
    [
      'secrets',
      (spec.imagePullSecrets ?? []).length > 0 ||
        inEnvironment('secret') ||
        inVolumes(({ secret }) => secret !== undefined) ||
        inVolumes(projects('secret')),
    ],
    [
      'configmaps',
      inEnvironment('configMap') ||
        inVolumes(({ configMap }) => configMap !== undefined) ||
        inVolumes(projects('configMap')),
    ],
    ['resourceclaims', (spec.resourceClaims ?? []).length > 0],
    ['persistentvolumeclaims', inVolumes((volume) => volume.persistentVolumeClaim !== undefined)],
    ['serviceaccounts', inVolumes(projects('serviceAccountToken'))],
    ['clustertrustbundles', inVolumes(projects('clusterTrustBundle'))],
  ];
  return rows.find(([, refers]) => refers)?.[0];
}
