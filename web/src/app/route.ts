import { LabId } from '../../../protocol/ids.ts';

export type Route =
  | { readonly page: 'catalogue' }
  | { readonly page: 'lab'; readonly lab: LabId }
  | { readonly page: 'lost'; readonly path: string };

/** What the path of an address shows. */
export function routeOf(path: string): Route {
  if (path === '/') return { page: 'catalogue' };
  const lab = LabId.safeParse(/^\/labs\/([^/]+)\/?$/.exec(path)?.[1]);
  return lab.success ? { page: 'lab', lab: lab.data } : { page: 'lost', path };
}

/** The path of a lab's page. */
export function labPath(lab: LabId): string {
  return `/labs/${lab}`;
}
