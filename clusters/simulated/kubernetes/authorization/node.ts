import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { COMPONENT_ROLES } from './default-policy/component-roles.ts';
import { references } from './pod-references.ts';
import { ruleAllows } from './rule-match.ts';

const ALLOW: Decision = { decision: 'allow', reason: '' };
const no = (reason: string): Decision => ({ decision: 'no opinion', reason });

type Asked = Extract<Attributes, { isResource: true }>;

const READS = new Set(['get', 'list', 'watch']);
/** Kinds that a node may read one by one when a pod bound to it uses them. */
const USED_BY_PODS: Readonly<Record<string, 'Secret' | 'ConfigMap' | 'PersistentVolumeClaim'>> = {
  secrets: 'Secret',
  configmaps: 'ConfigMap',
  persistentvolumeclaims: 'PersistentVolumeClaim',
};

/** The node a user name stands for; undefined for other users (pkg/auth/nodeidentifier). */
export const nodeNameOf = (user: Attributes['user']): string | undefined =>
  user.username.startsWith('system:node:') && user.groups.includes('system:nodes')
    ? user.username.slice('system:node:'.length)
    : undefined;

/**
 * Nodes may read what their own pods use (plugin/pkg/auth/authorizer/node/node_authorizer.go, with its reasons). Upstream keeps a graph;
 * here the node's pods are looked through, as only kubelets ask.
 */
export function nodeAuthorizer(cluster: Cluster): Authorizer {
  return {
    authorize(asked: Attributes): Decision {
      const node = nodeNameOf(asked.user);
      if (node === undefined) {
        return asked.user.groups.includes('system:nodes')
          ? no(`unknown node for user ${JSON.stringify(asked.user.username)}`)
          : no('');
      }
      const special = asked.isResource ? authorizeResource(cluster, node, asked) : undefined;
      if (special !== undefined) return special;
      return (COMPONENT_ROLES['system:node'] ?? []).some((rule) => ruleAllows(rule, asked)) ? ALLOW : no('');
    },
  };
}

/** Undefined leaves the decision to the rules of the ClusterRole system:node. */
function authorizeResource(cluster: Cluster, node: string, asked: Asked): Decision | undefined {
  switch (`${asked.group}/${asked.resource}`) {
    case '/secrets':
    case '/configmaps':
      return usedByPod(cluster, node, asked);
    case '/persistentvolumeclaims':
      return asked.subresource === 'status' ? undefined : usedByPod(cluster, node, asked);
    case '/persistentvolumes':
      return ownVolume(cluster, node, asked);
    case '/serviceaccounts':
      return serviceAccount(cluster, node, asked);
    case 'coordination.k8s.io/leases':
      return lease(node, asked);
    case 'storage.k8s.io/csinodes':
      return csiNode(node, asked);
    case '/nodes':
      return nodes(node, asked);
    case '/pods':
      return pods(cluster, node, asked);
    default:
      return undefined;
  }
}

const noPath = (node: string): Decision => no(`no relationship found between node '${node}' and this object`);

const podsOn = (cluster: Cluster, node: string, namespace?: string): KubeObject[] =>
  cluster
    .list(cluster.resource('pods'), namespace)
    .filter((pod) => (pod['spec'] as { nodeName?: string } | undefined)?.nodeName === node);

function usedByPod(cluster: Cluster, node: string, asked: Asked): Decision {
  const kind = USED_BY_PODS[asked.resource];
  if (!READS.has(asked.verb)) return no('can only read resources of this type');
  if (asked.subresource !== '') return no('cannot read subresource');
  if (asked.namespace === '') return no('can only read namespaced object of this type');
  if (asked.name === '') return no('No Object name found');
  const used = podsOn(cluster, node, asked.namespace).some((pod) =>
    references(pod).some((reference) => reference.kind === kind && reference.name === asked.name),
  );
  return used ? ALLOW : noPath(node);
}

function ownVolume(cluster: Cluster, node: string, asked: Asked): Decision {
  if (asked.verb !== 'get' || asked.name === '') return no('can only get individual resources of this type');
  if (asked.subresource !== '') return no('cannot get subresource');
  const volume = cluster.get(cluster.resource('persistentvolumes'), '', asked.name);
  const claim = (volume?.['spec'] as { claimRef?: { namespace?: string; name?: string } } | undefined)?.claimRef;
  const used = podsOn(cluster, node, claim?.namespace ?? '').some((pod) =>
    references(pod).some(({ kind, name }) => kind === 'PersistentVolumeClaim' && name === claim?.name),
  );
  return claim !== undefined && used ? ALLOW : noPath(node);
}

function serviceAccount(cluster: Cluster, node: string, asked: Asked): Decision {
  const runs = (): boolean =>
    podsOn(cluster, node, asked.namespace).some(
      (pod) => (pod['spec'] as { serviceAccountName?: string }).serviceAccountName === asked.name,
    );
  if (asked.subresource === 'token') {
    if (asked.verb !== 'create' || asked.name === '')
      return no('can only create tokens for individual service accounts');
    return runs() ? ALLOW : noPath(node);
  }
  if (asked.subresource !== '') return no('only read operations are allowed for serviceaccounts');
  if (asked.verb !== 'get' || asked.name === '') return no('can only get individual resources of this type');
  return runs() ? ALLOW : noPath(node);
}

function lease(node: string, asked: Asked): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(asked.verb)) {
    return no('can only get, create, update, patch, or delete a node lease');
  }
  if (asked.namespace !== 'kube-node-lease')
    return no('can only access leases in the "kube-node-lease" system namespace');
  if (asked.verb !== 'create' && asked.name !== node) {
    return no('can only access node lease with the same name as the requesting node');
  }
  return ALLOW;
}

function csiNode(node: string, asked: Asked): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(asked.verb)) {
    return no('can only get, create, update, patch, or delete a CSINode');
  }
  if (asked.subresource !== '') return no('cannot authorize CSINode subresources');
  if (asked.verb !== 'create' && asked.name !== node) {
    return no('can only access CSINode with the same name as the requesting node');
  }
  return ALLOW;
}

function nodes(node: string, asked: Asked): Decision | undefined {
  if (asked.subresource !== '' || !READS.has(asked.verb)) return undefined;
  if (asked.name === node) return ALLOW;
  return no(
    asked.name === ''
      ? `node ${JSON.stringify(node)} cannot list all nodes, only its own Node object`
      : `node ${JSON.stringify(node)} cannot read ${JSON.stringify(asked.name)}, only its own Node object`,
  );
}

function pods(cluster: Cluster, node: string, asked: Asked): Decision | undefined {
  if (asked.subresource !== '' || !READS.has(asked.verb)) return undefined;
  if (asked.verb === 'get') {
    const own = podsOn(cluster, node, asked.namespace).some((pod) => pod.metadata.name === asked.name);
    return own ? ALLOW : noPath(node);
  }
  const selected = (asked.fieldSelector ?? '')
    .split(',')
    .some((term) => /^spec\.nodeName==?(.*)$/.exec(term)?.[1] === node);
  return selected ? ALLOW : no('can only list/watch pods with spec.nodeName field selector');
}
