import type { Authorizer } from '../../authorization/authorizer.ts';
import type { OwnerReference } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const ownersOf = (object: AdmissionRequest['object']): readonly OwnerReference[] =>
  object?.metadata.ownerReferences ?? [];

/** plugin/pkg/admission/gc/gc_admission.go: whoever sets owners must be able to delete the object, and to hold up the owner's deletion. */
export const ownerReferencesPermissionEnforcement = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'OwnerReferencesPermissionEnforcement',
  async validate(request, cluster) {
    const { operation, resource, subresource, object, oldObject, user, namespace, name } = request;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return;
    if (resource.group === '' && resource.plural === 'pods' && subresource === 'status') return;
    if (JSON.stringify(ownersOf(object)) === JSON.stringify(ownersOf(oldObject))) return;
    const { group, version, plural } = resource;
    const base = { user, isResource: true, namespace } as const;
    if (operation === 'UPDATE') {
      const asked = { ...base, verb: 'delete', group, version, resource: plural, subresource, name };
      const { decision, reason } = await authorizer.authorize(asked);
      if (decision !== 'allow') {
        throw forbid(request, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`);
      }
    }
    for (const owner of newlyBlocking(object, oldObject)) {
      const row = rowOf(owner, cluster, request);
      const asked = {
        ...base,
        namespace: row.namespaced ? namespace : '',
        verb: 'update',
        group: row.group,
        version: row.version,
        resource: row.plural,
        subresource: 'finalizers',
        name: owner.name,
      };
      const { decision, reason } = await authorizer.authorize(asked);
      if (decision !== 'allow') {
        throw forbid(
          request,
          `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}, <nil>`,
        );
      }
    }
  },
});

function newlyBlocking(object: AdmissionRequest['object'], old: AdmissionRequest['object']): OwnerReference[] {
  const before = new Set(ownersOf(old).flatMap(({ uid, blockOwnerDeletion }) => (blockOwnerDeletion ? [uid] : [])));
  return ownersOf(object).filter(({ uid, blockOwnerDeletion }) => blockOwnerDeletion && !before.has(uid));
}

function rowOf({ apiVersion, kind }: OwnerReference, cluster: Cluster, request: AdmissionRequest) {
  const row = cluster.resourceOfKind(apiVersion, kind);
  if (row) return row;
  const why = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
  throw forbid(
    request,
    `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: ${why}`,
  );
}
