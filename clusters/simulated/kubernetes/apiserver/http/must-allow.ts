import { forbiddenRequest } from '../../authorization/forbidden.ts';
import type { ResourceExchange } from './exchange.ts';

/** Asks the authorizer about one more verb on what the request names; throws 403. */
export async function mustAllow({ parts, user, row, info }: ResourceExchange, verb: string): Promise<void> {
  const attributes = {
    user,
    verb,
    isResource: true,
    group: row.group,
    version: row.version,
    resource: row.plural,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
  } as const;
  const { decision, reason } = await parts.security.authorizer.authorize(attributes);
  if (decision !== 'allow') throw forbiddenRequest(attributes, reason);
}
