import type { Attributes } from '../../authorization/authorizer.ts';

/** Why not, in upstream's words (apiserver/pkg/endpoints/handlers/responsewriters/errors.go forbiddenMessage). */
export function forbiddenText(attributes: Attributes, reason: string): string {
  const who = `User ${JSON.stringify(attributes.user.username)} cannot ${attributes.verb}`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (!attributes.isResource) return `${who} path ${JSON.stringify(attributes.path)}${because}`;
  const { resource, subresource, group, namespace } = attributes;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${because}`;
}
