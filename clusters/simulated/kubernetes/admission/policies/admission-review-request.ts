import type { AdmissionRequest } from '../plugin.ts';
import type { Resource } from '../../resources/resource.ts';
import { shownName } from '../forbid.ts';

/** admission/v1 AdmissionRequest without its objects, as policies see `request` and webhooks receive it. */
export function reviewRequest(request: AdmissionRequest): Record<string, unknown> {
  const { resource, subresource, operation, namespace, user, dryRun, options } = request;
  const requested = request.requested ?? resource;
  const name = shownName(request);
  return {
    kind: kindOf(resource, subresource),
    resource: resourceOf(resource),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(requested, subresource),
    requestResource: resourceOf(requested),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' || name === 'Unknown' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: {
      username: user.username,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(Object.keys(user.extra).length === 0 ? {} : { extra: user.extra }),
    },
    dryRun,
    options: Object.keys(options).length === 0 ? null : options,
  };
}

const resourceOf = ({ group, version, plural }: Resource): object => ({ group, version, resource: plural });

/** A subresource's own kind may be of another group: autoscaling/v1 Scale, policy/v1 Eviction. */
function kindOf(resource: Resource, subresource: string): object {
  const own = resource.subresources.find(({ name }) => name === subresource);
  const { group = resource.group, version = resource.version, kind } = own ?? resource;
  return { group, version, kind };
}
