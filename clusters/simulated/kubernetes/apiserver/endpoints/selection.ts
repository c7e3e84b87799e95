import { textOf } from '../encode/json.ts';
import { matchesSelector, parseSelector, SelectorError, type Requirement } from '../../model/labels.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { badRequest } from '../../status.ts';

/** Which objects a list or watch wants; undefined where it wants all. */
export type Selection = ((object: KubeObject) => boolean) | undefined;

/** Selectors longer than any use; bounds the work of one request. */
const LONGEST = 64 * 1024;

/** Reads labelSelector and fieldSelector. Throws 400 in upstream's words. */
export function readSelection(row: Resource, query: URLSearchParams): Selection {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  if (labels === '' && fields === '') return undefined;
  if (labels.length > LONGEST || fields.length > LONGEST) throw badRequest('selector is too long');
  const byLabels = labels === '' ? undefined : readLabels(labels);
  const byFields = fields === '' ? [] : parseFieldSelector(fields).map((term) => fieldTest(row, term));
  return (object) =>
    (byLabels === undefined || matchesSelector(byLabels, object.metadata.labels)) &&
    byFields.every((test) => test(object));
}

function readLabels(text: string): Requirement[] {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

interface FieldTerm {
  readonly field: string;
  readonly equals: boolean;
  readonly value: string;
}

/** apimachinery/pkg/fields/selector.go: `=`, `==` and `!=`, with backslashes before `,`, `=` and `\`. */
function parseFieldSelector(text: string): FieldTerm[] {
  return text
    .split(/(?<!\\),/)
    .filter((term) => term !== '')
    .map((term) => {
      const found = /^((?:\\.|[^\\=!])*?)(!=|==|=)((?:\\.|[^\\])*)$/.exec(term);
      if (!found) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      return { field: found[1]!, equals: found[2] !== '!=', value: found[3]!.replaceAll(/\\([,=\\])/g, '$1') };
    });
}

/** Fields a kind can be selected by, besides name and namespace (pkg/apis/<group>/<version>/conversion.go). */
const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  serviceaccounts: [],
  replicationcontrollers: ['status.replicas'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  'events.events.k8s.io': [
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reason',
    'reportingController',
    'type',
  ],
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
  'certificatesigningrequests.certificates.k8s.io': ['spec.signerName'],
};

function fieldTest(row: Resource, { field, equals, value }: FieldTerm): (object: KubeObject) => boolean {
  const own = row.selectableFields ?? SELECTABLE[row.group === '' ? row.plural : `${row.plural}.${row.group}`];
  const known = field === 'metadata.name' || (field === 'metadata.namespace' && hasNamespaceLabel(row));
  if (!known && !own?.includes(field)) {
    throw badRequest(
      own
        ? `field label not supported: ${field}`
        : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
  const path = field.split('.');
  return (object) => (textAt(object, path, field) === value) === equals;
}

/** apiextensions-apiserver's crConverter: a custom resource without namespaces cannot be chosen by them. */
const hasNamespaceLabel = ({ selectableFields, namespaced }: Resource): boolean =>
  selectableFields === undefined || namespaced;

/** The value as upstream's ToSelectableFields writes it: absent is empty, a boolean `true` or `false`. */
function textAt(object: KubeObject, path: readonly string[], field: string): string {
  let value: unknown = object;
  for (const name of path) value = (value as Record<string, unknown> | undefined | null)?.[name];
  if (field === 'source') return (value as { component?: string } | undefined)?.component ?? '';
  if (field === 'spec.unschedulable' || field === 'spec.hostNetwork') return textOf(value ?? false);
  if (field === 'status.replicas' || field === 'status.successful') return textOf(value ?? 0);
  if (Array.isArray(value)) return value.map((item) => (item as { ip?: string }).ip ?? '').join(',');
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}
