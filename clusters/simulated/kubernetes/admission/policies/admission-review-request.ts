import type { AdmissionRequest } from '../plugin.ts';
import { shownName } from '../forbid.ts';

/** admission/v1 AdmissionRequest without its objects, as policies see `request` and webhooks receive it. */
export function reviewRequest(request: AdmissionRequest): Record<string, unknown> {
  const { resource, subresource, operation, namespace, user, dryRun, options } = request;
  const gvk = { group: resource.group, version: resource.version, kind: kindOf(request) };
  const gvr = { group: resource.group, version: resource.version, resource: resource.plural };
  const name = shownName(request);
  return {
    kind: gvk,
    resource: gvr,
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: gvk,
    requestResource: gvr,
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

function kindOf({ resource, subresource }: AdmissionRequest): string {
  return resource.subresources.find(({ name }) => name === subresource)?.kind ?? resource.kind;
}
