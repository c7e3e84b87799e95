import { type Image, parseReference } from '../images/image.ts';
import type { ModelContext } from '../images/models/model.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import { objectsOf } from '../network/cluster-network.ts';
import { resolveName } from '../network/dns/resolve-name.ts';
import type { ContainerCalls } from './container-calls.ts';
import { containerFiles } from './container-files.ts';
import { currentPod } from './current-pod.ts';
import { environmentOf, expand } from './environment.ts';
import { argvOf } from './for-real.ts';
import type { RealContainer } from './real-container.ts';
import type { RealPods } from './real-pods.ts';
import type { PodSources } from './sources.ts';
import { userOf } from './users.ts';

/** All but the log of what a modelled program is given. */
export type GivenContext = Omit<ModelContext, 'log'>;

/** What a modelled program is given of its container: the files and the network are those of the real one as soon as it runs. */
export function modelContext(
  pod: Pod,
  container: Container,
  image: Image,
  {
    cluster,
    sources,
    now,
    after,
    real,
    calls,
  }: {
    readonly cluster: Cluster;
    readonly sources: PodSources;
    /** Milliseconds since 1970. */
    readonly now: () => number;
    readonly after: ModelContext['after'];
    readonly real: RealPods;
    readonly calls: ContainerCalls;
  },
): GivenContext {
  const processOf = async (run: Promise<RealContainer> | undefined) =>
    (await (await run?.catch(() => undefined))?.started.catch(() => undefined))?.process;
  const variables = environmentOf(pod, container, sources);
  const current = (): Pod => currentPod(cluster, pod) ?? pod;
  return {
    tag: parseReference(container.image ?? '')?.tag ?? 'latest',
    now,
    after,
    objects: objectsOf(cluster),
    argv: argvOf(container, image).map((word) => expand(word, variables)),
    env: { HOSTNAME: pod.metadata.name, ...variables },
    files: containerFiles({
      pod,
      container,
      image,
      sources,
      present: () => processOf(real.presentRun(pod, container.name)),
      made: () => processOf(real.running(current(), container.name)),
      profile: () => real.profileOf(pod, container),
    }),
    uid: userOf(pod, container, image).uid,
    resolve: (host) => Promise.resolve(resolveName(host, pod.metadata.namespace ?? '', objectsOf(cluster))),
    dial: async (address, port, signal) => {
      calls.connects(pod, container, address, port);
      const socket = await real.places.dialFrom(current(), address, port, signal).catch(() => undefined);
      return typeof socket === 'number' ? undefined : socket;
    },
  };
}
