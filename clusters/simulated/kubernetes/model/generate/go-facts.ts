import type { FieldFacts, TypeFacts } from './fact-lines.ts';
import type { GoField, GoType } from './go-types.ts';

/** `k8s.io/api/core/v1.Pod` is `io.k8s.api.core.v1.Pod` in OpenAPI. */
export function openApiName(goName: string): string {
  const [host = '', ...path] = goName.split('/');
  return [...host.split('.').reverse(), ...path].join('.');
}

/** Types that write themselves to JSON in a way of their own. */
const special: Readonly<Record<string, string>> = {
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'time',
  'k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime': 'microTime',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Duration': 'duration',
  'k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1': 'fieldsV1',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'intOrString',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'rawExtension',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON': 'json',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray': 'schemaOrArray',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool': 'schemaOrBool',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray': 'schemaOrStrings',
};

/** Named lists that are messages with `items` in protobuf (`+protobuf.nullable=true` in upstream's types.go). */
const messages = /\.(Verbs|ExtraValue)$/;

function kindOf(type: GoType): string {
  const known = special[type.name];
  if (known !== undefined) return known;
  const short = type.name.slice(type.name.lastIndexOf('/') + 1);
  const suffix = type.name === '' || type.name === type.kind ? '' : `<${short}>`;
  const elem = (): GoType => {
    if (type.elem === undefined) throw new Error(`${type.kind} without an element`);
    return type.elem;
  };
  switch (type.kind) {
    case 'pointer':
      return `*${kindOf(elem())}`;
    case 'slice':
      if (elem().kind === 'uint8') return `bytes${suffix}`;
      return messages.test(type.name) ? `()${kindOf(elem())}${suffix}` : `[]${kindOf(elem())}${suffix}`;
    case 'map':
      return `{}${kindOf(elem())}${suffix}`;
    case 'struct':
      return openApiName(type.name);
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
      return type.kind + suffix;
    case 'int':
      return `int64<int>`;
    case 'float64':
      return `double${suffix}`;
    case 'interface':
      return 'rawExtension';
    default:
      throw new Error(`a field of kind ${type.kind} is new`);
  }
}

const tagOf = (field: GoField, name: string): string =>
  new RegExp(`(?:^|\\s)${name}:"([^"]*)"`).exec(field.tag)?.[1] ?? '';

/** What the tags of a Go struct say. Structs that are inlined without a protobuf number (TypeMeta) give their fields to the parent. */
export const factsOf = (type: GoType): TypeFacts => ({ name: openApiName(type.name), fields: fieldsOf(type) });

function fieldsOf(type: GoType): FieldFacts[] {
  return (type.fields ?? []).flatMap((field) => {
    const [json = '', ...options] = tagOf(field, 'json').split(',');
    const protobuf = tagOf(field, 'protobuf').split(',');
    const number = Number(protobuf[1] ?? 0) || 0;
    const inline = options.includes('inline') || (field.embedded && json === '');
    if (json === '-' || (json === '' && !inline)) return [];
    if (inline && number === 0) return fieldsOf(field.type).map((f) => ({ ...f, number: 0 }));
    return [
      {
        name: inline ? (protobuf.find((p) => p.startsWith('name='))?.slice(5) ?? field.name) : json,
        inline,
        kind: kindOf(field.type),
        omit: options.includes('omitzero')
          ? ('z' as const)
          : options.includes('omitempty')
            ? ('o' as const)
            : ('' as const),
        number,
        patchStrategy: tagOf(field, 'patchStrategy'),
        patchMergeKey: tagOf(field, 'patchMergeKey'),
      },
    ];
  });
}
