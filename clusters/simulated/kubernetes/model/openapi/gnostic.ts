import { Writer } from '../wire/writer.ts';
import type { Node } from './node.ts';

/**
 * A Swagger 2.0 document as gnostic protobuf (github.com/google/gnostic-models/openapiv2/OpenAPIv2.proto), which is how kubectl asks
 * for `/openapi/v2`. Written from the last field to the first, like everything that `Writer` writes.
 */
export function encodeGnostic(document: Node): Buffer {
  const writer = new Writer(4 << 20);
  const definitions = entries(document['definitions']);
  nested(writer, 9, () =>
    each(definitions, ([name, schema]) => named(writer, 1, name, () => writeSchema(writer, schema))),
  );
  nested(writer, 8, () =>
    each(entries(document['paths']), ([path, item]) => named(writer, 2, path, () => writePath(writer, item))),
  );
  nested(writer, 2, () => {
    const info = document['info'] as Node;
    writer.text(2, text(info['version']));
    writer.text(1, text(info['title']));
  });
  writer.text(1, '2.0');
  return writer.finish();
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const entries = (value: unknown): [string, Node][] => Object.entries((value ?? {}) as Record<string, Node>);

/** Backwards, so that the bytes come out in order. */
function each<T>(items: readonly T[], write: (item: T) => void): void {
  for (const item of items.toReversed()) write(item);
}

function nested(writer: Writer, number: number, write: () => void): void {
  const before = writer.length;
  write();
  writer.close(number, before);
}

/** NamedSchema, NamedPathItem, …: name = 1, value = 2. */
function named(writer: Writer, number: number, name: string, write: () => void): void {
  nested(writer, number, () => {
    nested(writer, 2, write);
    writer.text(1, name);
  });
}

const optional = (writer: Writer, number: number, value: unknown): void => {
  if (typeof value === 'string' && value !== '') writer.text(number, value);
};

const strings = (writer: Writer, number: number, values: unknown): void =>
  each(Array.isArray(values) ? values : [], (value) => writer.text(number, String(value)));

const flag = (writer: Writer, number: number, value: unknown): void => {
  if (value !== true) return;
  writer.varint(1);
  writer.tag(number, 0);
};

/** JSON is YAML, and much faster to write. */
const yaml = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** Extensions are kept as YAML: NamedAny{name = 1, value = 2: Any{yaml = 2}}. */
function vendorExtensions(writer: Writer, number: number, node: Node): void {
  const own = Object.entries(node).filter(([key]) => key.startsWith('x-'));
  each(own, ([key, value]) => named(writer, number, key, () => writer.text(2, yaml(value))));
}

function writeSchema(writer: Writer, schema: Node): void {
  vendorExtensions(writer, 31, schema);
  if (schema['properties'] !== undefined)
    nested(writer, 25, () =>
      each(entries(schema['properties']), ([name, inner]) => named(writer, 1, name, () => writeSchema(writer, inner))),
    );
  each((schema['allOf'] ?? []) as Node[], (inner) => nested(writer, 24, () => writeSchema(writer, inner)));
  if (schema['items'] !== undefined)
    nested(writer, 23, () => nested(writer, 1, () => writeSchema(writer, schema['items'] as Node)));
  if (typeof schema['type'] === 'string') nested(writer, 22, () => writer.text(1, text(schema['type'])));
  const additional = schema['additionalProperties'];
  if (typeof additional === 'object' && additional !== null)
    nested(writer, 21, () => nested(writer, 1, () => writeSchema(writer, additional as Node)));
  else if (additional === true) nested(writer, 21, () => flag(writer, 2, true));
  each((schema['enum'] ?? []) as unknown[], (value) => nested(writer, 20, () => writer.text(2, yaml(value))));
  strings(writer, 19, schema['required']);
  optional(writer, 13, schema['pattern']);
  optional(writer, 4, schema['description']);
  optional(writer, 2, schema['format']);
  optional(writer, 1, schema['$ref']);
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

function writePath(writer: Writer, item: Node): void {
  each((item['parameters'] ?? []) as Node[], (parameter) => nested(writer, 9, () => writeParameter(writer, parameter)));
  each([...methods.entries()], ([i, method]) => {
    const operation = item[method] as Node | undefined;
    if (operation !== undefined) nested(writer, i + 2, () => writeOperation(writer, operation));
  });
}

function writeOperation(writer: Writer, operation: Node): void {
  vendorExtensions(writer, 13, operation);
  nested(writer, 9, () =>
    each(entries(operation['responses']), ([code, response]) =>
      named(writer, 1, code, () => nested(writer, 1, () => writeResponse(writer, response))),
    ),
  );
  each((operation['parameters'] ?? []) as Node[], (parameter) =>
    nested(writer, 8, () => writeParameter(writer, parameter)),
  );
  strings(writer, 7, operation['consumes']);
  strings(writer, 6, operation['produces']);
  optional(writer, 5, operation['operationId']);
  optional(writer, 3, operation['description']);
  strings(writer, 1, operation['tags']);
}

function writeResponse(writer: Writer, response: Node): void {
  const schema = response['schema'] as Node | undefined;
  if (schema !== undefined) nested(writer, 2, () => nested(writer, 1, () => writeSchema(writer, schema)));
  optional(writer, 1, response['description']);
}

/** ParametersItem{parameter = 1: Parameter{body_parameter = 1 | non_body_parameter = 2: {query = 3 | path = 4}}}. */
function writeParameter(writer: Writer, parameter: Node): void {
  nested(writer, 1, () => {
    if (parameter['in'] === 'body') {
      nested(writer, 1, () => {
        nested(writer, 5, () => nested(writer, 1, () => writeSchema(writer, parameter['schema'] as Node)));
        flag(writer, 4, parameter['required']);
        writer.text(3, 'body');
        writer.text(2, text(parameter['name']));
      });
      return;
    }
    const path = parameter['in'] === 'path';
    nested(writer, 2, () =>
      nested(writer, path ? 4 : 3, () => {
        // The two messages differ in one field, allowEmptyValue, which moves what follows by one.
        flag(writer, path ? 19 : 20, parameter['uniqueItems']);
        optional(writer, path ? 5 : 6, parameter['type']);
        writer.text(4, text(parameter['name']));
        optional(writer, 3, parameter['description']);
        writer.text(2, text(parameter['in']));
        flag(writer, 1, parameter['required']);
      }),
    );
  });
}
