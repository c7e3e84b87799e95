import { cloneJson, type KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { ApiError, notFound } from '../../status.ts';
import { ownersThroughScale } from '../apply/scale-owners.ts';
import { negotiate, type Format } from '../encode/negotiate.ts';
import { partialOf } from '../encode/table.ts';
import { liveObject, readBody, writeContext, type ResourceExchange } from '../http/exchange.ts';
import { sendObject, sendValue } from '../http/respond.ts';
import { NAME_COLUMN_TEXT } from '../encode/table.ts';
import { update } from '../registry/update.ts';
import { readObject } from './body.ts';
import { parsePatch, patchedValue, patchTypeOf, retype } from './patch.ts';
import { fieldValidation, judgeProblems, writeOptions } from './options.ts';
import { badRequest } from '../../status.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale', type: 'io.k8s.api.autoscaling.v1.Scale' } as const;

type Fields = Record<string, unknown>;

/** Where a kind keeps its replicas. Custom resources say it in their definition. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  readonly selector: readonly string[] | undefined;
}

const BUILT_IN: ScalePaths = {
  spec: ['spec', 'replicas'],
  status: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

const customPaths = new WeakMap<Resource, ScalePaths>();

/** Tells where the custom resource of that row keeps its replicas. */
export const setScalePaths = (row: Resource, paths: ScalePaths): void => void customPaths.set(row, paths);

/** The `scale` subresource: autoscaling/v1 Scale over the object's own fields (pkg/registry/apps/deployment/storage/storage.go). */
export async function scale(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  const format = negotiate(request.headers.accept);
  const paths = customPaths.get(row) ?? BUILT_IN;
  if (info.verb === 'get') {
    const object = liveObject(exchange);
    if (!object) throw notFound(row, info.name);
    sendScale(exchange, scaleOf(object, paths), format);
    return;
  }
  const patching = info.verb === 'patch';
  const options = writeOptions(exchange, patching ? 'PatchOptions' : 'UpdateOptions');
  const wanted = patching ? await patchOf(exchange, options, paths) : await putOf(exchange, options);
  const { object } = await update(parts.registry, {
    row,
    namespace: info.namespace,
    name: info.name,
    context: writeContext(exchange, options),
    mayCreate: false,
    retry: patching,
    change: (live) => {
      if (!live) return undefined;
      const { replicas, resourceVersion } = wanted(live);
      if (replicas < 0) {
        throw new ApiError(
          422,
          'Invalid',
          `Scale.autoscaling "${info.name}" is invalid: spec.replicas: Invalid value: ${replicas}: must be greater than or equal to 0`,
          {
            name: info.name,
            group: 'autoscaling',
            kind: 'Scale',
            causes: [
              {
                reason: 'FieldValueInvalid',
                message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
                field: 'spec.replicas',
              },
            ],
          },
        );
      }
      const draft = cloneJson(live);
      if (replicas === read(live, paths.spec)) {
        const owners = ownersThroughScale(live.metadata.managedFields, paths.spec);
        if (owners) draft.metadata.managedFields = owners;
      }
      put(draft, paths.spec, replicas);
      if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
      return draft;
    },
  });
  sendScale(exchange, scaleOf(object, paths), format);
}

interface Wanted {
  readonly replicas: number;
  readonly resourceVersion: string | undefined;
}

async function putOf(exchange: ResourceExchange, options: Fields): Promise<() => Wanted> {
  const body = await readObject(exchange, SCALE, options);
  return () => wantedOf(body);
}

async function patchOf(
  exchange: ResourceExchange,
  options: Fields,
  paths: ScalePaths,
): Promise<(live: KubeObject) => Wanted> {
  const type = patchTypeOf(exchange);
  if (type === 'application/apply-patch+yaml') {
    throw new ApiError(501, 'NotImplemented', 'not simulated: server-side apply of the scale subresource', {});
  }
  const { value, problems: own } = parsePatch(await readBody(exchange.request), type);
  return (live) => {
    const patched = patchedValue(scaleOf(live, paths), value, type, SCALE);
    const { object, problems } = retype(patched, SCALE, () => JSON.stringify(patched));
    judgeProblems(exchange, [...own, ...problems], fieldValidation(options), badRequest);
    const wanted = wantedOf(object);
    // The scale shown carries the live version: only another one is a claim of the client's.
    return wanted.resourceVersion === live.metadata.resourceVersion
      ? { ...wanted, resourceVersion: undefined }
      : wanted;
  };
}

const wantedOf = (object: KubeObject): Wanted => ({
  replicas: Number((object['spec'] as Fields | undefined)?.['replicas'] ?? 0),
  resourceVersion: object.metadata.resourceVersion,
});

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = Number(read(object, paths.spec) ?? 0);
  const selector = selectorText(paths.selector && read(object, paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: Number(read(object, paths.status) ?? 0), ...(selector === '' ? {} : { selector }) },
  };
}

function sendScale(exchange: ResourceExchange, object: KubeObject, format: Format): void {
  if (format.as === 'Table') {
    const { spec, status } = object as unknown as { spec: { replicas?: number }; status: { replicas: number } };
    const column = (name: string, type: string, description: string, format = '') => ({
      name,
      type,
      format,
      description,
      priority: 0,
    });
    sendValue(exchange, 200, {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${format.version}`,
      metadata: { resourceVersion: object.metadata.resourceVersion },
      columnDefinitions: [
        column('Name', 'string', NAME_COLUMN_TEXT, 'name'),
        column('Desired', 'integer', 'replicas is the desired number of instances for the scaled object.'),
        column('Available', 'integer', 'replicas is the actual number of observed instances of the scaled object.'),
        column(
          'Age',
          'string',
          'CreationTimestamp is a timestamp representing the server time when this object was created.',
        ),
      ],
      rows: [
        {
          cells: [
            object.metadata.name,
            spec.replicas ?? 0,
            status.replicas,
            ageOf(object, exchange.parts.registry.clock.now()),
          ],
          object: partialOf(object, format.version),
        },
      ],
    });
    return;
  }
  sendObject(exchange, 200, object, format, SCALE.type);
}

/** `5s`, `3m`, `2h`, `4d`: enough of duration.HumanDuration for a scale that someone just looked at. */
function ageOf({ metadata }: KubeObject, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(metadata.creationTimestamp ?? '')) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

function read(object: KubeObject, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) value = (value as Fields | undefined | null)?.[name];
  return value;
}

function put(object: KubeObject, path: readonly string[], value: unknown): void {
  let parent = object as Fields;
  for (const name of path.slice(0, -1)) parent = (parent[name] ??= {}) as Fields;
  parent[path.at(-1)!] = value;
}

/** A label selector as `kubectl` types it (metav1.FormatLabelSelector); a map of labels for replication controllers, a string for custom ones. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (typeof selector !== 'object' || selector === null) return '';
  const { matchLabels, matchExpressions } = selector as { matchLabels?: Fields; matchExpressions?: Fields[] };
  const labels = matchLabels ?? (matchExpressions ? {} : (selector as Fields));
  const terms: [string, string][] = Object.keys(labels).map((key) => [key, `${key}=${String(labels[key])}`]);
  for (const { key, operator, values } of (matchExpressions ?? []) as {
    key: string;
    operator: string;
    values?: string[];
  }[]) {
    const set = `(${(values ?? []).toSorted().join(',')})`;
    const text =
      operator === 'In'
        ? `${key} in ${set}`
        : operator === 'NotIn'
          ? `${key} notin ${set}`
          : operator === 'Exists'
            ? key
            : `!${key}`;
    terms.push([key, text]);
  }
  return terms
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([, text]) => text)
    .join(',');
}
