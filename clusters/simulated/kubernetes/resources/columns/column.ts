import { descriptionOf } from '../../model/descriptions.ts';
import type { KubeObject } from '../../object.ts';
import type { Column } from '../resource.ts';
import { ageOf } from './duration.ts';

type Cell = string | number | boolean | null;

interface ColumnOptions {
  readonly type?: Column['type'];
  readonly format?: string;
  readonly wide?: boolean;
  readonly description?: string;
  /** Type and field whose documentation describes the column. */
  readonly field?: readonly [type: string, field: string];
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** A column of kind `T`; the row's kind is known to whoever lists the column, so the cell sees it typed. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names the kind for the reader and the cell
export const column = <T = KubeObject>(
  name: string,
  cell: (object: T, now: number) => Cell,
  options: ColumnOptions = {},
): Column => ({
  name,
  type: options.type ?? 'string',
  ...(options.format === undefined ? {} : { format: options.format }),
  // Read when somebody asks: the texts are many.
  get description() {
    return options.field === undefined ? (options.description ?? '') : descriptionOf(...options.field);
  },
  priority: options.wide === true ? 1 : 0,
  cell: (object, now) => cell(object as T, now),
});

export const NAME: Column = column('Name', (object) => object.metadata.name, {
  format: 'name',
  field: [META, 'name'],
});

export const AGE: Column = column('Age', (object, now) => ageOf(object.metadata.creationTimestamp, now), {
  field: [META, 'creationTimestamp'],
});

/** What every kind without columns of its own shows. */
export const NAME_AND_AGE: readonly Column[] = [NAME, AGE];

/** `Created At` in place of an age: roles, cluster roles, definitions of custom resources (printers.go objectMetaColumn). */
export const NAME_AND_CREATED_AT: readonly Column[] = [
  NAME,
  column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '', { type: 'date' }),
];

/** metav1.FormatLabelSelector: `a=b,c in (d,e)`, `<none>` for an empty one. */
export function labelSelectorText(
  selector:
    | {
        matchLabels?: Readonly<Record<string, string>>;
        matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
      }
    | undefined,
): string {
  const terms = [
    ...Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...(selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({
      key,
      text: expressionText(key, operator, values),
    })),
  ].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return terms.length === 0 ? '<none>' : terms.map((term) => term.text).join(',');
}

function expressionText(key: string, operator: string, values: readonly string[]): string {
  const sorted = [...values].sort().join(',');
  switch (operator) {
    case 'In':
      return `${key} in (${sorted})`;
    case 'NotIn':
      return `${key} notin (${sorted})`;
    case 'Exists':
      return key;
    default:
      return `!${key}`;
  }
}

/** labels.FormatLabels: a plain map as a selector. */
export const labelsText = (labels: Readonly<Record<string, string>> | undefined): string =>
  labelSelectorText(labels === undefined ? undefined : { matchLabels: labels });

/** A list, or `<none>`. */
export const joined = (values: readonly string[] | undefined): string =>
  values === undefined || values.length === 0 ? '<none>' : values.join(',');
