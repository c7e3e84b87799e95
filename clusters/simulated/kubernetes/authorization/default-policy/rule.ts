import type { PolicyRule } from '../rules.ts';

/** Rules by role name. */
export type RoleTable = Readonly<Record<string, readonly PolicyRule[]>>;

/** The core group. */
export const CORE = '';
export const READ = 'get list watch';
export const READ_UPDATE = 'get list patch update watch';
export const WRITE = 'create delete deletecollection patch update';
export const READ_WRITE = 'create delete deletecollection get list patch update watch';

const words = (text: string): string[] => text.split(' ');

/** A rule on resources; verbs, groups, resources and names are separated by blanks. Several groups of which one is the core group are a list. */
export const rule = (
  verbs: string,
  groups: string | readonly string[],
  resources: string,
  names?: string,
): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: typeof groups === 'string' ? words(groups) : [...groups],
  resources: words(resources),
  ...(names === undefined ? {} : { resourceNames: words(names) }),
});

/** A rule on paths that are no resources. */
export const paths = (verbs: string, urls: string): PolicyRule => ({
  verbs: words(verbs),
  nonResourceURLs: words(urls),
});

/** Every controller may write events. */
export const EVENTS: PolicyRule = rule('create patch update', [CORE, 'events.k8s.io'], 'events');
