import type { Resource } from '../../resources/resource.ts';
import { type Dialect, type Node, refTo } from './node.ts';
import { patchName } from './scalars.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** What a resource is called in a document: its definition, its list's, and those of its subresources' bodies. */
export interface Named {
  readonly row: Resource;
  readonly type: string;
  readonly list: string;
}

const writeParameters: readonly (readonly [string, string])[] = [
  ['dryRun', 'When present, indicates that modifications should not be persisted.'],
  ['fieldManager', 'fieldManager is a name associated with the actor or entity that is making these changes.'],
  [
    'fieldValidation',
    'fieldValidation instructs the server on how to handle unknown or duplicate fields in the request.',
  ],
];
const listParameters: readonly (readonly [string, string])[] = [
  ['allowWatchBookmarks', 'allowWatchBookmarks requests watch events with type "BOOKMARK".'],
  ['continue', 'The continue option should be set when retrieving more results from the server.'],
  ['fieldSelector', 'A selector to restrict the list of returned objects by their fields. Defaults to everything.'],
  ['labelSelector', 'A selector to restrict the list of returned objects by their labels. Defaults to everything.'],
  ['limit', 'limit is a maximum number of responses to return for a list call.'],
  ['resourceVersion', 'resourceVersion sets a constraint on what resource versions a request may be served from.'],
  ['resourceVersionMatch', 'resourceVersionMatch determines how resourceVersion is applied to list calls.'],
  ['sendInitialEvents', 'sendInitialEvents=true may be set together with watch=true.'],
  ['timeoutSeconds', 'Timeout for the list/watch call.'],
  ['watch', 'Watch for changes to the described resources.'],
];
const deleteParameters: readonly (readonly [string, string])[] = [
  ['dryRun', 'When present, indicates that modifications should not be persisted.'],
  ['gracePeriodSeconds', 'The duration in seconds before the object should be deleted.'],
  ['orphanDependents', 'Deprecated: please use the PropagationPolicy.'],
  ['propagationPolicy', 'Whether and how garbage collection will be performed.'],
];
const types: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  orphanDependents: 'boolean',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
};
/** kubectl apply sends the richest kind of patch that it finds here; nobody knows how to merge the lists of custom resources. */
const patchTypesOf = ({ type }: Resource): readonly string[] => [
  'application/json-patch+json',
  'application/merge-patch+json',
  ...(type === '' ? [] : ['application/strategic-merge-patch+json']),
  'application/apply-patch+yaml',
];
const bodyTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** The paths of a resource with the operations that its verbs allow (apiserver/pkg/endpoints/installer.go). */
export function pathsOf(named: Named, dialect: Dialect): [string, Node][] {
  const { row } = named;
  const root = row.group === '' ? `/api/${row.version}` : `/apis/${row.group}/${row.version}`;
  const collection = row.namespaced ? `${root}/namespaces/{namespace}/${row.plural}` : `${root}/${row.plural}`;
  const writer = new PathWriter(named, dialect);
  const paths: [string, Node][] = [];
  if (row.namespaced && row.verbs.includes('list'))
    paths.push([`${root}/${row.plural}`, writer.path([], { get: ['list', 'list'] })]);
  const scope = row.namespaced ? ['namespace'] : [];
  paths.push([
    collection,
    writer.path(scope, {
      get: ['list', 'list'],
      post: ['create', 'post'],
      delete: ['deletecollection', 'deletecollection'],
    }),
  ]);
  const item = [...scope, 'name'];
  paths.push([
    `${collection}/{name}`,
    writer.path(item, {
      get: ['get', 'get'],
      put: ['update', 'put'],
      patch: ['patch', 'patch'],
      delete: ['delete', 'delete'],
    }),
  ]);
  for (const sub of row.subresources) {
    const kind = { group: sub.group ?? row.group, version: sub.version ?? row.version, kind: sub.kind };
    const inner = new PathWriter(named, dialect, kind, sub.verbs);
    paths.push([
      `${collection}/{name}/${sub.name}`,
      inner.path(item, {
        get: ['get', 'get'],
        post: ['create', 'post'],
        put: ['update', 'put'],
        patch: ['patch', 'patch'],
      }),
    ]);
  }
  return paths.filter(([, node]) => Object.keys(node).some((key) => key !== 'parameters'));
}

class PathWriter {
  readonly #named: Named;
  readonly #dialect: Dialect;
  readonly #kind: Node;
  readonly #verbs: readonly string[];
  readonly #own: boolean;

  constructor(named: Named, dialect: Dialect, kind?: Node, verbs?: readonly string[]) {
    const { row } = named;
    this.#named = named;
    this.#dialect = dialect;
    this.#kind = kind ?? { group: row.group, version: row.version, kind: row.kind };
    this.#verbs = verbs ?? row.verbs;
    this.#own = kind === undefined || kind['kind'] === row.kind;
  }

  /** One path: each method with the verb it needs and the action it is. */
  path(parameters: readonly string[], methods: Readonly<Record<string, readonly [string, string]>>): Node {
    const node: Node = {};
    for (const [method, [verb, action]] of Object.entries(methods))
      if (this.#verbs.includes(verb)) node[method] = this.#operation(action);
    node['parameters'] = [
      ...parameters.map((name) =>
        this.#parameter(
          name,
          name === 'name'
            ? `name of the ${this.#named.row.kind}`
            : 'object name and auth scope, such as for teams and projects',
          'path',
        ),
      ),
      this.#parameter('pretty', "If 'true', then the output is pretty printed.", 'query'),
    ];
    return node;
  }

  #parameter(name: string, description: string, place: 'path' | 'query'): Node {
    const type = types[name] ?? 'string';
    return {
      name,
      in: place,
      description,
      ...(place === 'path' ? { required: true } : {}),
      ...(this.#dialect === 'v3' ? { schema: { type, uniqueItems: true } } : { type, uniqueItems: true }),
    };
  }

  #operation(action: string): Node {
    const { row, type, list } = this.#named;
    const result =
      action === 'list' ? list : action.startsWith('delete') ? `${meta}.Status` : this.#own ? type : undefined;
    const body =
      action === 'patch'
        ? patchName
        : action === 'post' || action === 'put'
          ? result
          : action.startsWith('delete')
            ? `${meta}.DeleteOptions`
            : undefined;
    const parameters = this.#parameters(action).map(([name, text]) => this.#parameter(name, text, 'query'));
    const common = {
      description: `${action} ${row.kind}`,
      operationId: `${action}${row.group.split('.')[0]}${row.version}${row.plural}`,
      tags: [`${row.group === '' ? 'core' : (row.group.split('.')[0] ?? '')}_${row.version}`],
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': this.#kind,
    };
    const answer = result === undefined ? undefined : refTo(result, this.#dialect);
    if (this.#dialect === 'v2')
      return {
        ...common,
        consumes: action === 'patch' ? patchTypesOf(row) : ['*/*'],
        produces: bodyTypes,
        parameters: [
          ...(body === undefined ? [] : [{ name: 'body', in: 'body', required: true, schema: refTo(body, 'v2') }]),
          ...parameters,
        ],
        responses: {
          200: { description: 'OK', ...(answer === undefined ? {} : { schema: answer }) },
          401: { description: 'Unauthorized' },
        },
      };
    const content = (mediaTypes: readonly string[], schema: Node): Node =>
      Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
    return {
      ...common,
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(body === undefined
        ? {}
        : {
            requestBody: {
              content: content(action === 'patch' ? patchTypesOf(row) : ['*/*'], refTo(body, 'v3')),
              required: true,
            },
          }),
      responses: {
        200: { description: 'OK', ...(answer === undefined ? {} : { content: content(bodyTypes, answer) }) },
        401: { description: 'Unauthorized' },
      },
    };
  }

  #parameters(action: string): readonly (readonly [string, string])[] {
    if (action === 'list') return listParameters;
    if (action === 'delete') return deleteParameters;
    if (action === 'deletecollection')
      return [...deleteParameters, ...listParameters.filter(([name]) => name !== 'watch')];
    if (action === 'patch') return [...writeParameters, ['force', 'Force is going to "force" Apply requests.']];
    return action === 'get' ? [] : writeParameters;
  }
}
