import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { type ListedObject, listObjects, nameOf } from '../kube/list.ts';
import { rawFact } from './etcd.ts';
import { type Observation, observed, unobservable } from './observation.ts';

/** Each costs a read of etcd; a learner may make thousands. */
const SECRETS = 500;

/**
 * Every Secret that the API server knows, as it lies on disk in etcd.
 * Fact: `{ secrets: [{ namespace, name, encrypted }] }`; `encrypted` tells that an encryption provider wrote it (`k8s:enc:`).
 * Unobservable when there are more than 500.
 */
export async function observeStoredSecrets(
  _probe: Extract<Probe, { kind: 'stored-secrets' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const list = await listObjects(await lab.kubeAccess('admin'), '/api/v1/secrets', signal);
  if (list.outcome === 'not-listed') return unobservable(list.reason);
  if (list.items.length > SECRETS) return unobservable(`there are ${list.items.length} Secrets, too many to read`);
  const read = async (item: ListedObject) => {
    signal.throwIfAborted();
    return rawFact(await lab.readEtcd(`/registry/secrets/${nameOf(item)}`));
  };
  const first: (readonly [ListedObject, boolean])[] = [];
  for (const item of list.items) {
    const { present, encrypted } = await read(item);
    if (present) first.push([item, encrypted]);
  }
  const secrets: { namespace: string; name: string; encrypted: boolean }[] = [];
  for (const [item, encrypted] of first) {
    const { namespace = '', name } = item.metadata;
    // What another check wrote for a moment is gone at a second look.
    if (encrypted || (await read(item)).present) secrets.push({ namespace, name, encrypted });
  }
  const plain = secrets.filter(({ encrypted }) => !encrypted).map(({ namespace, name }) => `${namespace}/${name}`);
  return observed({ secrets }, `${secrets.length} Secrets in etcd; in plain text: ${plain.join(', ') || 'none'}`);
}
