import type { Environment } from '@marcbachmann/cel-js';
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../../model/names.ts';
import { declareNamespace } from '../namespace.ts';
import { optional } from '../optional.ts';

class Format {
  readonly errors: (text: string) => string[];
  constructor(errors: (text: string) => string[]) {
    this.errors = errors;
  }
}

/** A name that something is still appended to may end in a dash (apimachinery/pkg/api/validation/generic.go maskTrailingDash). */
const prefix = (errors: (text: string) => string[]) => (text: string) =>
  errors(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -1)}a` : text);
const unless = (pattern: RegExp, why: string) => (text: string) => (pattern.test(text) ? [] : [why]);

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** apiserver/pkg/cel/library/format.go ConstantFormats */
const FORMATS: ReadonlyMap<string, Format> = new Map(
  Object.entries({
    dns1123Label: dns1123LabelErrors,
    dns1123Subdomain: dns1123SubdomainErrors,
    dns1035Label: dns1035LabelErrors,
    qualifiedName: qualifiedNameErrors,
    dns1123LabelPrefix: prefix(dns1123LabelErrors),
    dns1123SubdomainPrefix: prefix(dns1123SubdomainErrors),
    dns1035LabelPrefix: prefix(dns1035LabelErrors),
    labelValue: labelValueErrors,
    uri: (text: string) =>
      /^([a-zA-Z][\w+.-]*:|\/)\S*$/.test(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`],
    uuid: unless(UUID, 'does not match the UUID format'),
    byte: unless(BASE64, 'invalid base64'),
    date: unless(DATE, 'invalid date'),
    datetime: unless(TIME, 'invalid datetime'),
  }).map(([name, errors]) => [name, new Format(errors)]),
);

export function formats(environment: Environment): void {
  const namespace = declareNamespace(environment, 'format');
  environment
    .registerType('kubernetes.NamedFormat', { ctor: Format, fields: {} })
    .registerFunction(`${namespace}.named(string): optional<kubernetes.NamedFormat>`, (_format, name: string) =>
      optional(FORMATS.get(name)),
    )
    .registerFunction(
      'kubernetes.NamedFormat.validate(string): optional<list<string>>',
      (format: Format, text: string) => {
        const errors = format.errors(text);
        return optional(errors.length === 0 ? undefined : errors);
      },
    );
  for (const [name, format] of FORMATS) {
    environment.registerFunction(`${namespace}.${name}(): kubernetes.NamedFormat`, () => format);
  }
}
