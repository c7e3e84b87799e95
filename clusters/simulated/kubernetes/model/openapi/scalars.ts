import type { Shape } from '../schema.ts';
import type { Dialect, Node } from './node.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const extensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** OpenAPI names of the types that write themselves to JSON in a way of their own. */
const names = {
  time: `${meta}.Time`,
  microTime: `${meta}.MicroTime`,
  duration: `${meta}.Duration`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  fieldsV1: `${meta}.FieldsV1`,
  rawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  json: `${extensions}.JSON`,
  schemaOrArray: `${extensions}.JSONSchemaPropsOrArray`,
  schemaOrBool: `${extensions}.JSONSchemaPropsOrBool`,
  schemaOrStrings: `${extensions}.JSONSchemaPropsOrStringArray`,
} as const;

export const patchName = `${meta}.Patch`;

/** The definition's name of a shape that is neither a plain scalar nor a struct, list or map. */
export function scalarName(shape: Shape): string {
  const key = shape.is === 'any' ? shape.as : shape.is;
  if (!(key in names)) throw new Error(`${key} has no definition of its own`);
  return names[key as keyof typeof names];
}

const cached = new Map<Dialect, Map<string, Node>>();

/** Those definitions, with the texts of upstream's Go types (time.go, quantity.go, intstr.go, types.go). */
export function scalarDefinitions(dialect: Dialect): ReadonlyMap<string, Node> {
  const found = cached.get(dialect) ?? define(dialect);
  cached.set(dialect, found);
  return found;
}

function define(dialect: Dialect): Map<string, Node> {
  const orString = (...other: Node[]): Node =>
    dialect === 'v3' ? { oneOf: [...other, { type: 'string' }] } : { type: 'string' };
  return new Map<string, Node>([
    [
      names.time,
      {
        description:
          'Time is a wrapper around time.Time which supports correct marshaling to YAML and JSON.  Wrappers are provided for many of the factory methods that the time package offers.',
        format: 'date-time',
        type: 'string',
      },
    ],
    [
      names.microTime,
      {
        description: 'MicroTime is version of Time with microsecond level precision.',
        format: 'date-time',
        type: 'string',
      },
    ],
    [
      names.duration,
      {
        description:
          'Duration is a wrapper around time.Duration which supports correct marshaling to YAML and JSON. In particular, it marshals into strings, which can be used as map keys in json.',
        type: 'string',
      },
    ],
    [names.quantity, { description: quantityText, ...orString({ type: 'number' }) }],
    [
      names.intOrString,
      {
        description:
          'IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field that can accept a name or number.',
        format: 'int-or-string',
        ...orString({ type: 'integer' }),
      },
    ],
    [
      names.fieldsV1,
      {
        description:
          "FieldsV1 stores a set of fields in a data structure like a Trie, in JSON format.\n\nEach key is either a '.' representing the field itself, and will always map to an empty set, or a string representing a sub-field or item. The string will follow one of these four formats: 'f:<name>', where <name> is the name of a field in a struct, or key in a map 'v:<value>', where <value> is the exact json formatted value of a list item 'i:<index>', where <index> is position of a item in a list 'k:<keys>', where <keys> is a map of  a list item's key fields to their unique values If a key maps to an empty Fields value, the field that key represents is part of the set.\n\nThe exact format is defined in sigs.k8s.io/structured-merge-diff",
        type: 'object',
      },
    ],
    [
      names.rawExtension,
      { description: 'RawExtension is used to hold extensions in external versions.', type: 'object' },
    ],
    [
      names.json,
      {
        description:
          'JSON represents any valid JSON value. These types are supported: bool, int64, float64, string, []interface{}, map[string]interface{} and nil.',
      },
    ],
    [
      names.schemaOrArray,
      {
        description:
          'JSONSchemaPropsOrArray represents a value that can either be a JSONSchemaProps or an array of JSONSchemaProps. Mainly here for serialization purposes.',
      },
    ],
    [
      names.schemaOrBool,
      {
        description:
          'JSONSchemaPropsOrBool represents JSONSchemaProps or a boolean value. Defaults to true for the boolean property.',
      },
    ],
    [
      names.schemaOrStrings,
      { description: 'JSONSchemaPropsOrStringArray represents a JSONSchemaProps or a string array.' },
    ],
    [
      patchName,
      {
        description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
        type: 'object',
      },
    ],
  ]);
}

const quantityText = `Quantity is a fixed-point representation of a number. It provides convenient marshaling/unmarshaling in JSON and YAML, in addition to String() and AsInt64() accessors.

The serialization format is:

\`\`\` <quantity>        ::= <signedNumber><suffix>

	(Note that <suffix> may be empty, from the "" case in <decimalSI>.)

<digit>           ::= 0 | 1 | ... | 9 <digits>          ::= <digit> | <digit><digits> <number>          ::= <digits> | <digits>.<digits> | <digits>. | .<digits> <sign>            ::= "+" | "-" <signedNumber>    ::= <number> | <sign><number> <suffix>          ::= <binarySI> | <decimalExponent> | <decimalSI> <binarySI>        ::= Ki | Mi | Gi | Ti | Pi | Ei

	(International System of units; See: http://physics.nist.gov/cuu/Units/binary.html)

<decimalSI>       ::= m | "" | k | M | G | T | P | E

	(Note that 1024 = 1Ki but 1000 = 1k; I didn't choose the capitalization.)

<decimalExponent> ::= "e" <signedNumber> | "E" <signedNumber> \`\`\`

No matter which of the three exponent forms is used, no quantity may represent a number greater than 2^63-1 in magnitude, nor may it have more than 3 decimal places. Numbers larger or more precise will be capped or rounded up. (E.g.: 0.1m will rounded up to 1m.) This may be extended in the future if we require larger or smaller quantities.

When a Quantity is parsed from a string, it will remember the type of suffix it had, and will use the same type again when it is serialized.

Before serializing, Quantity will be put in "canonical form". This means that Exponent/suffix will be adjusted up or down (with a corresponding increase or decrease in Mantissa) such that:

- No precision is lost - No fractional digits will be emitted - The exponent (or suffix) is as large as possible.

The sign will be omitted unless the number is negative.

Examples:

- 1.5 will be serialized as "1500m" - 1.5Gi will be serialized as "1536Mi"

Note that the quantity will NEVER be internally represented by a floating point number. That is the whole point of this exercise.

Non-canonical values will still parse as long as they are well formed, but will be re-emitted in their canonical form. (So always use canonical form, or don't diff.)

This format is intended to make it difficult to use these numbers without writing some sort of special handling code in the hopes that that will cause implementors to also use a fixed point implementation.`;
