/**
 * What a request asks for, read from its method and path (apiserver/pkg/endpoints/request/requestinfo.go).
 */
export interface RequestInfo {
  readonly isResource: boolean;
  /** `get`, `list`, `watch`, `create`, …; the method in lower case for paths that are no resource. */
  readonly verb: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly prefix: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows the subresource, for proxies. */
  readonly rest: readonly string[];
}

const NO_QUERY = new URLSearchParams();
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Throws nothing: a path that is no resource is a non-resource request. `decodeURIComponent` failures leave the part as it is. */
export function readRequestInfo(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? NO_QUERY : new URLSearchParams(url.slice(mark + 1));
  const plain = {
    isResource: false,
    verb: method.toLowerCase(),
    path,
    query,
    prefix: '',
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    rest: [],
  };
  let parts = path.split('/').filter((part) => part !== '');
  const prefix = parts[0] ?? '';
  if (prefix !== 'api' && prefix !== 'apis') return plain;
  const fixed = prefix === 'api' ? 2 : 3;
  if (parts.length <= fixed) return plain;
  const group = prefix === 'api' ? '' : parts[1]!;
  const version = parts[fixed - 1]!;
  parts = parts.slice(fixed).map(decode);
  let verb = VERBS[method] ?? '';
  let legacyWatch = false;
  if (parts[0] === 'watch' && parts.length > 1) {
    parts = parts.slice(1);
    legacyWatch = true;
  }
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1]!;
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2]!)) parts = parts.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...rest] = parts;
  let selected = name;
  if (name === '' && verb === 'get') {
    verb = isTrue(query.get('watch')) || legacyWatch ? 'watch' : 'list';
    // A field selector that names one object is a request for that object, for authorization.
    selected = /(?:^|,)metadata\.name==?([^,]+)(?:,|$)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
  } else if (verb === 'get' && legacyWatch) verb = 'watch';
  if (name === '' && verb === 'delete') verb = 'deletecollection';
  return {
    isResource: true,
    verb,
    path,
    query,
    prefix,
    group,
    version,
    namespace,
    resource,
    subresource,
    name: selected,
    rest,
  };
}

/** Go's ParseBool, where the parameter's mere presence counts as true. */
export const isTrue = (value: string | null): boolean => value !== null && !/^(0|f|false)$/i.test(value);

function decode(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
