import { ApiError } from '../status.ts';
import type { Attributes } from './authorizer.ts';

/** The 403 for what an authorizer did not allow (apiserver/pkg/endpoints/handlers/responsewriters/errors.go ForbiddenStatusError). */
export function forbiddenRequest(asked: Attributes, reason: string): ApiError {
  const text = describe(asked).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const why = reason === '' ? text : `${text}: ${reason}`;
  if (!asked.isResource) return new ApiError(403, 'Forbidden', `forbidden: ${why}`, {});
  const { group, resource, name } = asked;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return new ApiError(403, 'Forbidden', `${qualified}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  });
}

function describe(asked: Attributes): string {
  const who = JSON.stringify(asked.user.username);
  if (!asked.isResource) return `User ${who} cannot ${asked.verb} path ${JSON.stringify(asked.path)}`;
  const what = asked.subresource === '' ? asked.resource : `${asked.resource}/${asked.subresource}`;
  const where = asked.namespace === '' ? 'at the cluster scope' : `in the namespace "${asked.namespace}"`;
  return `User ${who} cannot ${asked.verb} resource "${what}" in API group "${asked.group}" ${where}`;
}
