import type { z } from 'zod';
import { UnmarshalError } from '../model/typed.ts';
import { parseYaml } from '../model/yaml-text.ts';

/** A kind of configuration file, as its program's scheme knows it. */
export interface ConfigKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** Where its scheme is made: `pkg/kubelet/apis/config/scheme/scheme.go:33`. */
  readonly scheme: string;
  /** Without unknown keys where decoding is strict. */
  readonly shape: z.ZodType;
}

/** A configuration that cannot be decoded, in the words of Kubernetes' decoder. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable';
}

/**
 * Decodes a component's configuration file (apimachinery/pkg/runtime/serializer/json, runtime/error.go) and returns its fields as they are
 * given. Throws `Undecodable`.
 */
export function decodeConfig(text: string, config: ConfigKind): Readonly<Record<string, unknown>> {
  const value = valueOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Undecodable(`Object 'Kind' is missing in '${JSON.stringify(value ?? null)}'`);
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  for (const [field, given] of [
    ['Kind', kind],
    ['apiVersion', apiVersion],
  ] as const)
    if (typeof given !== 'string' || given === '')
      throw new Undecodable(`Object '${field}' is missing in '${JSON.stringify(value)}'`);
  if (kind !== config.kind || apiVersion !== config.apiVersion)
    throw new Undecodable(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "${config.scheme}"`,
    );
  const { issues = [] } = config.shape.safeParse(value).error ?? {};
  const typed = issues.find(({ code }) => code !== 'unrecognized_keys');
  if (typed !== undefined) throw new Undecodable(unmarshalText(value, typed, config));
  const unknown = issues
    .flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : []))
    .sort((one, other) => placeOf(value, one).localeCompare(placeOf(value, other)));
  if (unknown.length > 0)
    throw new Undecodable(
      `strict decoding error: ${unknown.map((path) => `unknown field ${JSON.stringify(pathText(path))}`).join(', ')}`,
    );
  return value as Readonly<Record<string, unknown>>;
}

function valueOf(text: string): unknown {
  try {
    return parseYaml(text).value;
  } catch (error) {
    if (error instanceof UnmarshalError) throw new Undecodable(error.message);
    throw error;
  }
}

/** What sorts a field as its file has it. */
function placeOf(whole: object, path: readonly PropertyKey[]): string {
  let at: unknown = whole;
  return path
    .map((key) => {
      const place = Object.keys(at as object).indexOf(String(key));
      at = (at as Record<PropertyKey, unknown>)[key];
      return String(place).padStart(6, '0');
    })
    .join('.');
}

/** `profiles[0].schedulerName` */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .slice(1);

/** Go's names of types, by zod's. */
const GO_TYPES: Readonly<Record<string, string>> = {
  int: 'int32',
  number: 'int32',
  boolean: 'bool',
  string: 'string',
  array: '[]string',
};

/** As encoding/json tells of a value of another type than its field. */
function unmarshalText(whole: object, issue: z.core.$ZodIssue, { kind, apiVersion }: ConfigKind): string {
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], whole);
  const given =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'array'
        : ({ boolean: 'bool' }[typeof value as 'boolean'] ?? typeof value);
  const name = 'expected' in issue ? String(issue.expected) : 'string';
  const expected = name === 'object' ? `${apiVersion.split('/').at(-1)}.${kind}` : (GO_TYPES[name] ?? name);
  const shown = typeof value === 'number' ? `number ${value}` : given;
  const fields = issue.path.filter((key) => typeof key !== 'number').join('.');
  return `json: cannot unmarshal ${shown} into Go struct field ${kind}.${fields} of type ${expected}`;
}
