import { posix } from 'node:path';
import { z } from 'zod';
import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { listObjects, type ListedObject } from '../kube/list.ts';
import { type Observation, observed, unobservable } from './observation.ts';

const Container = z.looseObject({
  image: z.string().nullish(),
  securityContext: z.looseObject({ privileged: z.boolean().nullish() }).nullish(),
});
const containers = z.array(Container).nullish();
const PodSpec = z.looseObject({
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  hostPID: z.boolean().nullish(),
  volumes: z
    .array(
      z.looseObject({
        hostPath: z.looseObject({ path: z.string() }).nullish(),
        persistentVolumeClaim: z.looseObject({ claimName: z.string() }).nullish(),
      }),
    )
    .nullish(),
});
type PodSpec = z.infer<typeof PodSpec>;

const inPod = z.looseObject({ spec: PodSpec }).transform(({ spec }) => spec);
const inTemplate = z.looseObject({ spec: z.looseObject({ template: inPod }) }).transform(({ spec }) => spec.template);
const inJobTemplate = z
  .looseObject({ spec: z.looseObject({ jobTemplate: inTemplate }) })
  .transform(({ spec }) => spec.jobTemplate);

/** Whatever is a pod or makes some, and where in it a pod's spec lies. */
const KINDS = [
  ['Pod', '/api/v1/pods', inPod],
  ['ReplicationController', '/api/v1/replicationcontrollers', inTemplate],
  ['Deployment', '/apis/apps/v1/deployments', inTemplate],
  ['DaemonSet', '/apis/apps/v1/daemonsets', inTemplate],
  ['StatefulSet', '/apis/apps/v1/statefulsets', inTemplate],
  ['ReplicaSet', '/apis/apps/v1/replicasets', inTemplate],
  ['Job', '/apis/batch/v1/jobs', inTemplate],
  ['CronJob', '/apis/batch/v1/cronjobs', inJobTemplate],
] as const;

const Volume = z.looseObject({
  spec: z.looseObject({
    hostPath: z.looseObject({ path: z.string() }).nullish(),
    local: z.looseObject({ path: z.string() }).nullish(),
    claimRef: z.looseObject({ namespace: z.string(), name: z.string() }).nullish(),
  }),
});

/**
 * Every pod of the cluster and everything that makes some: replication controllers, Deployments, DaemonSets, StatefulSets, ReplicaSets, Jobs
 * and CronJobs, with what they take of their node.
 * Fact: `{ workloads: [{ kind, namespace, name, images, privileged, hostPID, hostPaths }] }`; `images` and `privileged` are those of any
 * container, `hostPaths` the folders of the node that are mounted, without needless slashes and dots, also those behind a
 * PersistentVolumeClaim.
 */
export async function observeWorkloads(
  _probe: Extract<Probe, { kind: 'workloads' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const access = await lab.kubeAccess('admin');
  const [volumes, ...lists] = await Promise.all(
    ['/api/v1/persistentvolumes', ...KINDS.map(([, path]) => path)].map((path) => listObjects(access, path, signal)),
  );
  const failed = [volumes, ...lists].find((list) => list?.outcome === 'not-listed');
  if (failed?.outcome === 'not-listed') return unobservable(failed.reason);
  const behind = pathsBehindClaims(volumes?.outcome === 'listed' ? volumes.items : []);
  const workloads = KINDS.flatMap(([kind, , where], i) => {
    const list = lists[i];
    return (list?.outcome === 'listed' ? list.items : []).map((item) => {
      const { name, namespace = '' } = item.metadata;
      return {
        kind,
        namespace,
        name,
        ...claimsOnNode(where.parse(item), (claim) => behind.get(`${namespace}/${claim}`)),
      };
    });
  });
  const pods = workloads.filter(({ kind }) => kind === 'Pod').map(({ namespace, name }) => `${namespace}/${name}`);
  return observed(
    { workloads },
    `pods: ${pods.join(', ') || 'none'}; ${workloads.length - pods.length} things that make pods`,
  );
}

function claimsOnNode(spec: PodSpec, behindClaim: (name: string) => string | undefined) {
  const all = [spec.initContainers, spec.containers, spec.ephemeralContainers].flatMap((some) => some ?? []);
  return {
    images: all.flatMap(({ image }) => image ?? []),
    privileged: all.some(({ securityContext }) => securityContext?.privileged === true),
    hostPID: spec.hostPID === true,
    hostPaths: (spec.volumes ?? []).flatMap(({ hostPath, persistentVolumeClaim: claim }) => {
      const path = hostPath?.path ?? (claim == null ? undefined : behindClaim(claim.claimName));
      return path === undefined ? [] : posix.resolve('/', path);
    }),
  };
}

/** Folders of nodes by the claim, `namespace/name`, that a PersistentVolume is bound to. */
function pathsBehindClaims(volumes: readonly ListedObject[]): ReadonlyMap<string, string> {
  return new Map(
    volumes.flatMap((volume) => {
      const { hostPath, local, claimRef } = Volume.parse(volume).spec;
      const path = hostPath?.path ?? local?.path;
      return path === undefined || claimRef == null ? [] : [[`${claimRef.namespace}/${claimRef.name}`, path] as const];
    }),
  );
}
