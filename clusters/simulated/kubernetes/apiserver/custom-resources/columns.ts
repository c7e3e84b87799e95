import { textOf } from '../encode/json.ts';
import type { KubeObject } from '../../object.ts';
import type { Column } from '../../resources/resource.ts';
import { CREATION_COLUMN_TEXT, NAME_COLUMN } from '../encode/table.ts';
import type { PrinterColumn } from './definition.ts';

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description: CREATION_COLUMN_TEXT,
  jsonPath: '.metadata.creationTimestamp',
};

/** additionalPrinterColumns as columns of a table (apiextensions-apiserver/pkg/registry/customresource/tableconvertor). */
export function printerColumns(defined: readonly PrinterColumn[] | undefined): readonly Column[] {
  return [NAME_COLUMN, ...(defined && defined.length > 0 ? defined : [AGE]).map(columnOf)];
}

function columnOf({ name, type, format, description, priority, jsonPath }: PrinterColumn): Column {
  const path = readPath(jsonPath);
  return {
    name,
    type: type as Column['type'],
    ...(format === undefined ? {} : { format }),
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority === undefined || priority === 0 ? 0 : 1,
    cell: (object, now) => cellOf(valueAt(object, path), type, now),
  };
}

function cellOf(value: unknown, type: string, now: number): string | number | boolean | null {
  if (value === undefined || value === null) return type === 'date' ? '<unknown>' : null;
  if (type === 'date') {
    const since = Date.parse(textOf(value));
    return Number.isNaN(since) ? '<invalid>' : shortDuration((now - since) / 1000);
  }
  if (type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null;
  if (type === 'number') return typeof value === 'number' ? value : null;
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  return textOf(value);
}

/** apimachinery/pkg/util/duration HumanDuration */
function shortDuration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < -1) return '<invalid>';
  if (s < 0) return '0s';
  const two = (big: number, unit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${big}${unit}` : `${big}${unit}${small}${smallUnit}`;
  if (s < 120) return `${s}s`;
  const m = Math.floor(s / 60);
  if (m < 10) return two(m, 'm', s % 60, 's');
  if (m < 180) return `${m}m`;
  const h = Math.floor(m / 60);
  if (h < 8) return two(h, 'h', m % 60, 'm');
  if (h < 48) return `${h}h`;
  const d = Math.floor(h / 24);
  if (d < 8) return two(d, 'd', h % 24, 'h');
  if (d < 730) return `${d}d`;
  const y = Math.floor(d / 365);
  return y < 8 ? two(y, 'y', d % 365, 'd') : `${y}y`;
}

type Step = { readonly field: string } | { readonly index: number } | { readonly where: readonly [string, string] };

/** The simple JSONPaths that definitions use: fields, quoted fields, indexes and one equality filter. */
function readPath(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const found = /^\.([\w-]+|\\\.)+/.exec(rest) && /^\.((?:\\.|[^.[\]\\])+)/.exec(rest);
    if (found) {
      steps.push({ field: found[1]!.replaceAll(/\\(.)/g, '$1') });
      rest = rest.slice(found[0].length);
      continue;
    }
    const bracket = /^\[(?:(\d+)|['"]([^'"]+)['"]|\?\(\s*@\.([\w.]+)\s*==\s*['"]([^'"]*)['"]\s*\))\]/.exec(rest);
    if (!bracket) return undefined;
    if (bracket[1] !== undefined) steps.push({ index: Number(bracket[1]) });
    else if (bracket[2] !== undefined) steps.push({ field: bracket[2] });
    else steps.push({ where: [bracket[3]!, bracket[4]!] });
    rest = rest.slice(bracket[0].length);
  }
  return steps;
}

function valueAt(object: KubeObject, path: readonly Step[] | undefined): unknown {
  if (!path) return undefined;
  let value: unknown = object;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if ('field' in step) value = (value as Record<string, unknown>)[step.field];
    else if (!Array.isArray(value)) return undefined;
    else if ('index' in step) value = value[step.index];
    else {
      const [field, wanted] = step.where;
      value = value.find((item) => String((item as Record<string, unknown> | null)?.[field]) === wanted);
    }
  }
  return value;
}
