import type { UserInfo } from '../authentication/user.ts';
import type { Attributes } from './authorizer.ts';

type OfResource = Extract<Attributes, { isResource: true }>;

/** What somebody asks of a resource; of all of them in the whole cluster, but for what `more` says. */
export const asks = (user: UserInfo, verb: string, resource: string, more: Partial<OfResource> = {}): OfResource => ({
  user,
  verb,
  isResource: true,
  group: '',
  version: 'v1',
  resource,
  subresource: '',
  namespace: '',
  name: '',
  ...more,
});
