import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';

/** Tells of pods whose volumes may have to follow a change: of their own labels, or of a ConfigMap or Secret of their namespace. */
export function followSources(
  cluster: Cluster,
  hear: {
    readonly changed: (pod: Pod) => void;
    readonly gone: (pod: Pod) => void;
    /** `namespace/name` of the pods that matter. */
    readonly pods: () => readonly string[];
  },
): Disposable {
  const resources = new DisposableStack();
  const pods = cluster.resource('pods');
  resources.use(
    cluster.watch(pods, ({ type, object }) => (type === 'DELETED' ? hear.gone : hear.changed)(object as Pod)),
  );
  const changed = ({ metadata: { namespace = '' } }: KubeObject): void => {
    for (const key of hear.pods()) {
      const [of = '', name = ''] = key.split('/');
      const pod = of === namespace ? cluster.get(pods, namespace, name) : undefined;
      if (pod !== undefined) hear.changed(pod as Pod);
    }
  };
  for (const plural of ['configmaps', 'secrets'])
    resources.use(cluster.watch(cluster.resource(plural), ({ object }) => changed(object)));
  return resources;
}
