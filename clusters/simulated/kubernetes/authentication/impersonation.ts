import type { Attributes, Authorizer } from '../authorization/authorizer.ts';
import { forbiddenRequest } from '../authorization/forbidden.ts';
import { badRequest } from '../status.ts';
import type { UserInfo } from './user.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request's attributes without its user. */
type Asked = Attributes extends infer A ? (A extends Attributes ? Omit<A, 'user'> : never) : never;

interface Wanted {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const AUTHENTICATION = { group: 'authentication.k8s.io', version: 'v1' } as const;
const CORE = { group: '', version: 'v1' } as const;
const NODE = 'system:node:';
const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name';
/** From so many groups or extra values on a single check for all of them is tried first. */
const MANY = 4;

/** A way to become someone else: each has its own verbs and its own users (KEP-5284). */
interface Mode {
  readonly name: 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info';
  applies(wanted: Wanted, requestor: UserInfo): boolean;
}

const onlyName = ({ uid, groups, extra }: Wanted): boolean =>
  uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
const nodeOf = (username: string): string | undefined =>
  username.startsWith(NODE) && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(username.slice(NODE.length))
    ? username.slice(NODE.length)
    : undefined;
const accountOf = (username: string): { namespace: string; name: string } | undefined => {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  return match === null ? undefined : { namespace: match[1] ?? '', name: match[2] ?? '' };
};

const MODES: readonly Mode[] = [
  {
    name: 'associated-node',
    applies: (wanted, requestor) => {
      const node = nodeOf(wanted.username);
      const [own, ...more] = requestor.extra[NODE_NAME_KEY] ?? [];
      return (
        node !== undefined &&
        onlyName(wanted) &&
        accountOf(requestor.username) !== undefined &&
        more.length === 0 &&
        own === node
      );
    },
  },
  { name: 'arbitrary-node', applies: (wanted) => onlyName(wanted) && nodeOf(wanted.username) !== undefined },
  { name: 'serviceaccount', applies: (wanted) => onlyName(wanted) && accountOf(wanted.username) !== undefined },
  {
    name: 'user-info',
    applies: ({ username }) => nodeOf(username) === undefined && accountOf(username) === undefined,
  },
];

/**
 * Who a request is after its `Impersonate-*` headers; undefined when it has none. Throws the 403 of the first mode that applies, as
 * constrained impersonation does since 1.36 (apiserver/pkg/endpoints/filters/impersonation), or a 400 for groups without a user.
 * Header names are lower case, as Node gives them.
 */
export function impersonate(
  requestor: UserInfo,
  headers: Headers,
  asked: Asked,
  authorizer: Authorizer,
): Promise<UserInfo> | undefined {
  const wanted = wantedUser(headers);
  return wanted === undefined ? undefined : decide(requestor, wanted, { ...asked, user: requestor }, authorizer);
}

async function decide(
  requestor: UserInfo,
  wanted: Wanted,
  asked: Attributes,
  authorizer: Authorizer,
): Promise<UserInfo> {
  let first: unknown;
  for (const mode of MODES) {
    if (!mode.applies(wanted, requestor)) continue;
    try {
      await require(authorizer, { ...asked, verb: `impersonate-on:${mode.name}:${asked.verb}` });
      return await become(requestor, wanted, `impersonate:${mode.name}`, mode.name, authorizer);
    } catch (error) {
      first ??= error;
    }
  }
  try {
    return await become(requestor, wanted, 'impersonate', 'legacy', authorizer);
  } catch (error) {
    throw first ?? error;
  }
}

async function require(authorizer: Authorizer, asked: Attributes): Promise<void> {
  const { decision, reason } = await authorizer.authorize(asked);
  if (decision !== 'allow') throw forbiddenRequest(asked, reason);
}

async function become(
  requestor: UserInfo,
  wanted: Wanted,
  verb: string,
  mode: Mode['name'] | 'legacy',
  authorizer: Authorizer,
): Promise<UserInfo> {
  const constrained = mode !== 'legacy';
  const names = constrained ? AUTHENTICATION : CORE;
  const base = { user: requestor, verb, isResource: true, subresource: '', namespace: '' } as const;
  const account = accountOf(wanted.username);
  const node = constrained ? nodeOf(wanted.username) : undefined;
  let groups = [...wanted.groups];
  if (node !== undefined) {
    groups = ['system:nodes'];
    await require(authorizer, { ...base, ...names, resource: 'nodes', name: mode === 'associated-node' ? '*' : node });
  } else if (account !== undefined) {
    if (groups.length === 0) groups = ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
    await require(authorizer, { ...base, ...names, resource: 'serviceaccounts', ...account });
  } else {
    await require(authorizer, { ...base, ...names, resource: 'users', name: wanted.username });
  }
  if (wanted.uid !== '') await require(authorizer, { ...base, ...AUTHENTICATION, resource: 'uids', name: wanted.uid });
  await requireGroups(authorizer, { ...base, ...names, resource: 'groups', name: '' }, wanted.groups, constrained);
  await requireExtra(
    authorizer,
    { ...base, ...AUTHENTICATION, resource: 'userextras', name: '' },
    wanted.extra,
    constrained,
  );
  const own = wanted.username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  if (!groups.includes(own) && !groups.includes('system:unauthenticated')) groups.push(own);
  return {
    username: wanted.username,
    groups,
    extra: wanted.extra,
    ...(wanted.uid === '' ? {} : { uid: wanted.uid }),
  };
}

type ResourceAttributes = Extract<Attributes, { isResource: true }>;

async function requireGroups(
  authorizer: Authorizer,
  base: ResourceAttributes,
  groups: readonly string[],
  constrained: boolean,
): Promise<void> {
  if (constrained && groups.includes(''))
    throw forbiddenRequest(base, 'impersonating the empty string group is not allowed');
  if (constrained && groups.includes('system:masters')) {
    throw forbiddenRequest(
      { ...base, name: 'system:masters' },
      'impersonating the system:masters group is not allowed',
    );
  }
  if (constrained && groups.length >= MANY && (await allows(authorizer, { ...base, name: '*' }))) return;
  for (const name of groups) await require(authorizer, { ...base, name });
}

async function requireExtra(
  authorizer: Authorizer,
  base: ResourceAttributes,
  extra: Wanted['extra'],
  constrained: boolean,
): Promise<void> {
  const pairs = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) => ({ subresource: key, name: value })),
  );
  if (constrained && pairs.some(({ name }) => name === '')) {
    throw forbiddenRequest(base, 'impersonating the empty string value in extra is not allowed');
  }
  if (constrained && pairs.length >= MANY && (await allows(authorizer, { ...base, subresource: '*', name: '*' })))
    return;
  for (const pair of pairs) await require(authorizer, { ...base, ...pair });
}

const allows = async (authorizer: Authorizer, asked: Attributes): Promise<boolean> =>
  (await authorizer.authorize(asked)).decision === 'allow';

const PREFIX = 'impersonate-extra-';

function wantedUser(headers: Headers): Wanted | undefined {
  const all = (name: string): readonly string[] => {
    const value = headers[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  };
  const username = all('impersonate-user')[0] ?? '';
  const uid = all('impersonate-uid')[0] ?? '';
  const groups = all('impersonate-group');
  const extra: Record<string, readonly string[]> = {};
  for (const name of Object.keys(headers)) {
    if (name.startsWith(PREFIX)) extra[unescaped(name.slice(PREFIX.length))] = all(name);
  }
  const more = uid !== '' || groups.length > 0 || Object.keys(extra).length > 0;
  if (username !== '') return { username, uid, groups, extra };
  if (!more) return undefined;
  const shown = `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${goStrings(groups)}, Extra:${goExtra(extra)}}`;
  throw badRequest(`requested ${shown} without impersonating a user name`);
}

const goStrings = (values: readonly string[]): string =>
  values.length === 0 ? '[]string(nil)' : `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;

function goExtra(extra: Wanted['extra']): string {
  const entries = Object.entries(extra);
  return entries.length === 0
    ? 'map[string][]string(nil)'
    : `map[string][]string{${entries.map(([key, values]) => `${JSON.stringify(key)}:${goStrings(values)}`).join(', ')}}`;
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
