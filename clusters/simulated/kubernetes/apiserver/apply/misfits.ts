import type { FieldSchema, Shape, TypeSchema } from '../../model/schema.ts';
import { schemaOf } from '../../model/schema.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { JsonSchema } from '../../resources/custom/schema.ts';
import { goMap, goSyntax } from '../patch/patch-errors.ts';
import { isFields, valueElement } from './field-schema.ts';
import { pathText } from './field-set.ts';

/**
 * What a configuration says that its schema does not allow, in structured-merge-diff's words (typed/validate.go); empty when it fits.
 * Only shapes are looked at: values are validated with the merged object.
 */
export function misfits(object: KubeObject, row: Resource): string[] {
  const found: string[] = [];
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
  if (row.type !== '') inspect(rest, structOf(schemaOf(row.type)), [], found);
  else {
    const { metadata, ...custom } = rest;
    inspect(metadata, structOf(schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')), ['f:metadata'], found);
    if (row.schema) inspect(custom, kindOfJson(row.schema), [], found);
  }
  return found;
}

/** What structured-merge-diff makes of a type (its schema.Atom). `field` is undefined for a name that is not declared. */
type Kind =
  | { readonly is: 'anything' }
  | { readonly is: 'numeric (int or float)' | 'string' | 'boolean' | 'any scalar' }
  | { readonly is: 'map'; readonly field: (name: string) => Kind | undefined }
  | { readonly is: 'list'; readonly of: Kind; readonly elements: 'atomic' | 'set' | readonly Key[] };

/** A key of an associative list; one without a default has to be said. */
interface Key {
  readonly name: string;
  readonly fallback: unknown;
}

function inspect(value: unknown, kind: Kind, path: readonly string[], found: string[]): void {
  if (value === null || value === undefined) return;
  const complain = (what: string): void => void found.push(`${path.length === 0 ? '' : `${pathText(path)}: `}${what}`);
  switch (kind.is) {
    case 'anything':
      return;
    case 'map':
      if (!isFields(value)) return complain(`expected map, got &{${goMap(value)}}`);
      for (const [name, part] of Object.entries(value)) {
        const inner = [...path, `f:${name}`];
        const field = kind.field(name);
        if (field) inspect(part, field, inner, found);
        else found.push(`${pathText(inner)}: field not declared in schema`);
      }
      return;
    case 'list':
      if (!Array.isArray(value)) return complain(`expected list, got &{${goMap(value)}}`);
      inspectItems(value, kind, path, found);
      return;
    case 'numeric (int or float)':
      if (typeof value !== 'number') complain(`expected ${kind.is}, got ${goType(value)}`);
      return;
    case 'string':
      if (typeof value !== 'string')
        complain(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') complain(`expected boolean, got &{${goMap(value)}}`);
      return;
    case 'any scalar':
      if (typeof value === 'object') complain(`expected any scalar, got &{${goMap(value)}}`);
  }
}

function inspectItems(
  items: readonly unknown[],
  { of, elements }: Extract<Kind, { is: 'list' }>,
  path: readonly string[],
  found: string[],
): void {
  const seen = new Set<string>();
  for (const [at, item] of items.entries()) {
    const element = elements === 'atomic' ? `i:${at}` : elementOf(item, elements);
    if (typeof element !== 'string') {
      found.push(`${pathText(path)}: element ${at}: ${element.wrong}`);
      return; // the elements behind it have no sure place
    }
    if (seen.has(element)) found.push(`${pathText(path)}: duplicate entries for key ${pathText([element])}`);
    seen.add(element);
    inspect(item, of, [...path, element], found);
  }
}

/** keyedAssociativeListItemToPathElement, setItemToPathElement */
function elementOf(item: unknown, keys: 'set' | readonly Key[]): string | { readonly wrong: string } {
  if (keys === 'set') {
    if (Array.isArray(item)) return { wrong: 'not supported: associative list with lists as elements' };
    if (item === null) return { wrong: "associative list without keys has an element that's an explicit null" };
    if (typeof item === 'object') return { wrong: "associative list without keys has an element that's a map type" };
    return valueElement(item);
  }
  if (item === null) return { wrong: 'associative list with keys may not have a null element' };
  if (!isFields(item)) return { wrong: 'associative list with keys may not have non-map elements' };
  const key: Record<string, unknown> = {};
  for (const { name, fallback } of keys) {
    const value = item[name] ?? fallback;
    if (value === undefined) {
      return {
        wrong: `associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`,
      };
    }
    key[name] = value;
  }
  return `k:${JSON.stringify(Object.fromEntries(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))))}`;
}

const structOf = (type: TypeSchema): Kind => ({
  is: 'map',
  field(name) {
    const field = type.field(name);
    return field && !field.retired ? kindOfField(field) : undefined;
  },
});

function kindOfField({ shape, listType, listMapKeys }: FieldSchema): Kind {
  if (shape.is !== 'list' || listType === 'atomic') return kindOf(shape);
  const of = kindOf(shape.of);
  return { is: 'list', of, elements: listType === 'set' ? 'set' : listMapKeys.map((name) => keyOf(shape.of, name)) };
}

/** Required keys default to the zero value of their Go type, a port's protocol to TCP (applyconfigurations/internal). */
function keyOf(item: Shape, name: string): Key {
  const field = item.is === 'object' ? item.type.field(name) : undefined;
  if (name === 'protocol') return { name, fallback: 'TCP' };
  return { name, fallback: field?.required ? (field.shape.is === 'string' ? '' : 0) : undefined };
}

function kindOf(shape: Shape): Kind {
  switch (shape.is) {
    case 'object':
      return structOf(shape.type);
    case 'map': {
      const of = kindOf(shape.of);
      return { is: 'map', field: () => of };
    }
    case 'list':
      return { is: 'list', of: kindOf(shape.of), elements: 'atomic' };
    case 'any':
      return { is: 'anything' };
    case 'bool':
      return { is: 'boolean' };
    case 'int32':
    case 'int64':
    case 'double':
      return { is: 'numeric (int or float)' };
    case 'string':
    case 'bytes':
    case 'duration':
      return { is: 'string' };
    default:
      return { is: 'any scalar' }; // times, quantities, IntOrString
  }
}

/** kube-openapi/pkg/schemaconv over the schema of a custom resource. */
function kindOfJson(schema: JsonSchema): Kind {
  if (schema['x-kubernetes-preserve-unknown-fields'] && !schema.properties) return { is: 'anything' };
  if (schema['x-kubernetes-int-or-string']) return { is: 'any scalar' };
  switch (schema.type) {
    case 'object':
      return { is: 'map', field: (name) => memberOf(schema, name) };
    case 'array': {
      const { items } = schema;
      const of: Kind = items ? kindOfJson(items) : { is: 'anything' };
      const type = schema['x-kubernetes-list-type'];
      if (type === 'set') return { is: 'list', of, elements: 'set' };
      const names = type === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
      const keys = names?.map((name) => ({ name, fallback: items?.properties?.[name]?.default }));
      return { is: 'list', of, elements: keys ?? 'atomic' };
    }
    case 'string':
      return { is: 'string' };
    case 'boolean':
      return { is: 'boolean' };
    case 'integer':
    case 'number':
      return { is: 'numeric (int or float)' };
    default:
      return { is: 'anything' };
  }
}

function memberOf(schema: JsonSchema, name: string): Kind | undefined {
  const { properties, additionalProperties } = schema;
  if (properties && Object.hasOwn(properties, name)) return kindOfJson(properties[name]!);
  if (typeof additionalProperties === 'object') return kindOfJson(additionalProperties);
  const free = additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] || !properties;
  const embedded = schema['x-kubernetes-embedded-resource'] && ['apiVersion', 'kind', 'metadata'].includes(name);
  return free || embedded ? { is: 'anything' } : undefined;
}

/** Go's `%T` of a JSON value. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : typeof value;
}
