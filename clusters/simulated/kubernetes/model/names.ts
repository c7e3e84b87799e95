/**
 * Checks of names with upstream's texts (apimachinery/pkg/util/validation/validation.go, apimachinery/pkg/api/validate/content). Each returns what is
 * wrong, nothing for a good name.
 */
const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dnsSubdomain = `${dnsLabel}(\\.${dnsLabel})*`;
const underscoredLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoredSubdomain = `${underscoredLabel}(\\.${underscoredLabel})*`;
const dns1035Label = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedName})?`;
const configMapKey = '[-._a-zA-Z0-9]+';
const wildcardSubdomain = `\\*\\.${dnsSubdomain}`;

const compiled = new Map<string, RegExp>();

function matches(text: string, pattern: string): boolean {
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    regex = new RegExp(`^${pattern}$`);
    compiled.set(pattern, regex);
  }
  return regex.test(text);
}

/** validation.RegexError */
function regexError(message: string, pattern: string, ...examples: string[]): string {
  const list = examples.map((example) => `'${example}'`).join(',  or ');
  return `${message} (e.g. ${list}, regex used for validation is '${pattern}')`;
}

const tooManyCharacters = (limit: number): string => `must be no more than ${limit} characters`;
const tooManyBytes = (limit: number): string => `must be no more than ${limit} bytes`;
const bytes = (text: string): number => Buffer.byteLength(text);

const labelText = regexError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  dnsLabel,
  'my-name',
  '123-abc',
);

/** A label in DNS as RFC 1123 has it: names of namespaces, containers, volumes. What would be a subdomain only has dots too many. */
export function dns1123LabelErrors(value: string): string[] {
  const errors = bytes(value) > 63 ? [tooManyCharacters(63)] : [];
  if (!matches(value, dnsLabel)) errors.push(matches(value, dnsSubdomain) ? 'must not contain dots' : labelText);
  return errors;
}

/** A subdomain in DNS as RFC 1123 has it: names of most objects. */
export function dns1123SubdomainErrors(value: string): string[] {
  return [
    ...(bytes(value) > 253 ? [tooManyCharacters(253)] : []),
    ...(matches(value, dnsSubdomain)
      ? []
      : [
          regexError(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            dnsSubdomain,
            'example.com',
          ),
        ]),
  ];
}

/** IsDNS1123SubdomainWithUnderscore: domains that a resolver searches. */
export function underscoredSubdomainErrors(value: string): string[] {
  const errors = bytes(value) > 253 ? [tooManyCharacters(253)] : [];
  if (!matches(value, underscoredSubdomain)) {
    errors.push(
      regexError(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
        underscoredSubdomain,
        'example.com',
      ),
    );
  }
  return errors;
}

/** A label in DNS as RFC 1035 has it: names of Services. */
export function dns1035LabelErrors(value: string): string[] {
  return [
    ...(bytes(value) > 63 ? [tooManyCharacters(63)] : []),
    ...(matches(value, dns1035Label)
      ? []
      : [
          regexError(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
            dns1035Label,
            'my-name',
            'abc-123',
          ),
        ]),
  ];
}

/** A host with one leading `*.`, as in Ingress rules. */
export function wildcardSubdomainErrors(value: string): string[] {
  return [
    ...(bytes(value) > 253 ? [tooManyCharacters(253)] : []),
    ...(matches(value, wildcardSubdomain)
      ? []
      : [
          regexError(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            wildcardSubdomain,
            '*.example.com',
          ),
        ]),
  ];
}

const qualifiedMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const qualifiedText = regexError(qualifiedMessage, qualifiedName, 'MyName', 'my.name', '123-abc');

/** Keys of labels and annotations, names of conditions and taints: an optional subdomain, a slash and a name. */
export function qualifiedNameErrors(value: string): string[] {
  // Most are plain and good. The pattern takes ASCII alone, so that characters are bytes.
  if (value.length <= 63 && matches(value, qualifiedName)) return [];
  const parts = value.split('/');
  if (parts.length > 2)
    return [
      `a valid label key ${qualifiedText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const prefixErrors =
    prefix === undefined ? [] : prefix === '' ? ['must be non-empty'] : dns1123SubdomainErrors(prefix);
  const nameErrors = [
    ...(name === '' ? ['must be non-empty'] : bytes(name) > 63 ? [tooManyBytes(63)] : []),
    ...(matches(name, qualifiedName) ? [] : [qualifiedText]),
  ];
  return [...prefixErrors.map((error) => `prefix part ${error}`), ...nameErrors.map((error) => `name part ${error}`)];
}

/** Values of labels. */
export function labelValueErrors(value: string): string[] {
  if (value.length <= 63 && matches(value, labelValue)) return [];
  return [
    ...(bytes(value) > 63 ? [tooManyBytes(63)] : []),
    ...(matches(value, labelValue)
      ? []
      : [
          regexError(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            labelValue,
            'MyValue',
            'my_value',
            '12345',
          ),
        ]),
  ];
}

/** Keys of ConfigMaps and Secrets. */
export function configMapKeyErrors(value: string): string[] {
  const errors = bytes(value) > 253 ? [tooManyCharacters(253)] : [];
  if (!matches(value, configMapKey))
    errors.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        configMapKey,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  return [...errors, ...hasChDirPrefix(value)];
}

function hasChDirPrefix(value: string): string[] {
  if (value === '.') return [`must not be '.'`];
  if (value === '..') return [`must not be '..'`];
  return value.startsWith('..') ? [`must not start with '..'`] : [];
}

/** Names of environment variables: any printable ASCII but `=` (RelaxedEnvironmentVariableValidation). */
export function environmentNameErrors(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  if (!/^[ -<>-~]+$/.test(value))
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
  return [];
}

/** Names that end up in URLs as they are: RBAC objects (apimachinery/pkg/api/validation/path/name.go). */
export function pathSegmentErrors(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((bad) => value.includes(bad)).map((bad) => `may not contain '${bad}'`);
}

/** Names of ports of Services and containers (IANA service names). */
export function portNameErrors(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push(tooManyCharacters(15));
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** Numbers of ports. */
export const portNumberErrors = (value: number): string[] =>
  value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
