import { timestamp } from '../../clock.ts';
import type { Namespace } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';

/** Told to look again while pods take their grace period (namespace controller, deletion estimate). */
const AGAIN_MS = 200;

/** pkg/controller/namespace: empties a namespace that is being deleted, then takes its finalizer off. */
export function namespaceController(cluster: Cluster): Controller {
  const namespaces = cluster.resource('namespaces');
  return {
    name: 'namespace-controller',
    watches: [watchOwn(namespaces)],
    async reconcile(key) {
      const { name } = splitKey(key);
      const namespace = cluster.get(namespaces, '', name) as Namespace | undefined;
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined;
      const inside = cluster
        .resources()
        .filter(
          (resource) =>
            resource.namespaced && resource.conversion === undefined && resource.verbs.includes('deletecollection'),
        );
      const left: { kind: string; count: number; finalizers: readonly string[] }[] = [];
      for (const resource of inside) {
        for (const object of cluster.list(resource, name)) {
          if (object.metadata.deletionTimestamp === undefined) {
            await cluster.delete(resource, name, object.metadata.name, { propagationPolicy: 'Background' });
          }
        }
        const rest = cluster.list(resource, name);
        if (rest.length === 0) continue;
        const qualified = resource.group === '' ? `${resource.plural}.` : `${resource.plural}.${resource.group}`;
        left.push({
          kind: qualified,
          count: rest.length,
          finalizers: rest.flatMap(({ metadata }) => metadata.finalizers ?? []),
        });
      }
      if (left.length > 0) {
        await tellWhatIsLeft(left);
        return AGAIN_MS;
      }
      await cluster.modify(
        namespaces,
        { namespace: '', name },
        (draft) => {
          const { spec } = draft as Namespace;
          if (spec?.finalizers === undefined) return false;
          spec.finalizers = spec.finalizers.filter((finalizer) => finalizer !== 'kubernetes');
          return true;
        },
        { subresource: 'finalize' },
      );
      return undefined;

      async function tellWhatIsLeft(
        left: readonly { kind: string; count: number; finalizers: readonly string[] }[],
      ): Promise<void> {
        const now = timestamp(cluster.clock);
        const remaining = left
          .map(({ kind, count }) => `${kind} has ${count} resource instances`)
          .sort()
          .join(', ');
        const holding = left.flatMap(({ finalizers }) => finalizers);
        const conditions = [
          condition(
            'NamespaceDeletionDiscoveryFailure',
            false,
            'ResourcesDiscovered',
            'All resources successfully discovered',
          ),
          condition(
            'NamespaceDeletionGroupVersionParsingFailure',
            false,
            'ParsedGroupVersions',
            'All legacy kube types successfully parsed',
          ),
          condition(
            'NamespaceDeletionContentFailure',
            false,
            'ContentDeleted',
            'All content successfully deleted, may be waiting on finalization',
          ),
          condition(
            'NamespaceContentRemaining',
            true,
            'SomeResourcesRemain',
            `Some resources are remaining: ${remaining}`,
          ),
          holding.length === 0
            ? condition(
                'NamespaceFinalizersRemaining',
                false,
                'ContentHasNoFinalizers',
                'All content-preserving finalizers finished',
              )
            : condition(
                'NamespaceFinalizersRemaining',
                true,
                'SomeFinalizersRemain',
                `Some content in the namespace has finalizers remaining: ${counted(holding)}`,
              ),
        ];
        await cluster.modify(
          namespaces,
          { namespace: '', name },
          (draft) => {
            const { status } = draft as Namespace;
            if (
              JSON.stringify(status.conditions?.map(({ message }) => message)) ===
              JSON.stringify(conditions.map(({ message }) => message))
            )
              return false;
            status.conditions = conditions.map((each) => {
              const before = status.conditions?.find(({ type }) => type === each.type);
              const isSame = before?.status === each.status;
              return { ...each, lastTransitionTime: isSame ? (before.lastTransitionTime ?? now) : now };
            });
            return true;
          },
          { subresource: 'status' },
        );
      }
    },
  };
}

const condition = (type: string, holds: boolean, reason: string, message: string) => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message,
});

const counted = (finalizers: readonly string[]): string =>
  [...new Set(finalizers)]
    .sort()
    .map((finalizer) => `${finalizer} in ${finalizers.filter((each) => each === finalizer).length} resource instances`)
    .join(', ');
