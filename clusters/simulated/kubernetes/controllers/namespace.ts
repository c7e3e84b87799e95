import { timestamp } from '../../clock.ts';
import type { Namespace } from '../model/generated/objects.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';
import { deletionConditions, type Remainder } from './namespace-conditions.ts';

/** Told to look again while pods take their grace period (namespace controller, deletion estimate). */
const AGAIN_MS = 200;

/** pkg/controller/namespace: empties a namespace that is being deleted, then takes its finalizer off. */
export function namespaceController(cluster: Cluster): Controller {
  const namespaces = cluster.resource('namespaces');

  /** Deletes the objects of a kind. Returns what stays for now, if anything. */
  async function empty(resource: Resource, namespace: string): Promise<Remainder | undefined> {
    for (const { metadata } of cluster.list(resource, namespace)) {
      if (metadata.deletionTimestamp !== undefined) continue;
      await cluster.delete(resource, namespace, metadata.name, { propagationPolicy: 'Background' });
    }
    const left = cluster.list(resource, namespace);
    if (left.length === 0) return undefined;
    const finalizers = left.flatMap(({ metadata }) => metadata.finalizers ?? []);
    return { kind: `${resource.plural}.${resource.group}`, count: left.length, finalizers };
  }

  async function tellWhatIsLeft(name: string, left: readonly Remainder[]): Promise<void> {
    const now = timestamp(cluster.clock);
    const conditions = deletionConditions(left);
    const said = (all: readonly { message?: string }[] = []): string =>
      JSON.stringify(all.map(({ message }) => message));
    const write = (draft: object): boolean => {
      const { status } = draft as Namespace;
      if (said(status.conditions) === said(conditions)) return false;
      status.conditions = conditions.map((each) => {
        const before = status.conditions?.find(({ type }) => type === each.type);
        const isSame = before?.status === each.status;
        return { ...each, lastTransitionTime: isSame ? (before.lastTransitionTime ?? now) : now };
      });
      return true;
    };
    await cluster.modify(namespaces, { namespace: '', name }, write, { subresource: 'status' });
  }

  async function finalize(name: string): Promise<void> {
    const write = (draft: object): boolean => {
      const { spec } = draft as Namespace;
      if (spec?.finalizers === undefined) return false;
      spec.finalizers = spec.finalizers.filter((finalizer) => finalizer !== 'kubernetes');
      return true;
    };
    await cluster.modify(namespaces, { namespace: '', name }, write, { subresource: 'finalize' });
  }

  return {
    name: 'namespace-controller',
    watches: [watchOwn(namespaces)],
    async reconcile(key) {
      const { name } = splitKey(key);
      const namespace = cluster.get(namespaces, '', name) as Namespace | undefined;
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined;
      const left: Remainder[] = [];
      for (const resource of cluster.resources()) {
        if (!resource.namespaced || resource.conversion !== undefined) continue;
        if (!resource.verbs.includes('deletecollection')) continue;
        const remainder = await empty(resource, name);
        if (remainder !== undefined) left.push(remainder);
      }
      if (left.length === 0) {
        await finalize(name);
        return undefined;
      }
      await tellWhatIsLeft(name, left);
      return AGAIN_MS;
    },
  };
}
