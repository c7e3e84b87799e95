import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Format } from '../encode/negotiate.ts';
import { NAME_COLUMN_TEXT, partialOf } from '../encode/table.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { sendObject, sendValue } from '../http/respond.ts';
import { readAt, type ScalePaths } from './scale-paths.ts';

type Fields = Record<string, unknown>;

/** The kind that stands for every scale; it is no resource of its own. */
export const SCALE: Resource = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  singular: 'scale',
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: [],
  subresources: [],
  type: 'io.k8s.api.autoscaling.v1.Scale',
  storagePrefix: '',
  columns: [],
  strategy: { generation: false },
};

/** An object's scale: its own fields as autoscaling/v1 has them. */
export function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = Number(readAt(object, paths.spec) ?? 0);
  const selector = selectorText(paths.selector && readAt(object, paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: Number(readAt(object, paths.status) ?? 0), ...(selector === '' ? {} : { selector }) },
  };
}

export function sendScale(exchange: ResourceExchange, object: KubeObject, format: Format): void {
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
