/**
 * What names may look like, with upstream's words for what is wrong (apimachinery/pkg/util/validation/validation.go).
 * Each returns every objection; none when the name is good.
 */
type Rule = (text: string) => readonly string[];
const FINE: readonly string[] = [];

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_PART_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function judge(text: string, most: number, unit: string, pattern: RegExp, words: string): readonly string[] {
  if (text.length <= most && pattern.test(text)) return FINE;
  const objections: string[] = [];
  if (text.length > most) objections.push(`must be no more than ${most} ${unit}`);
  if (!pattern.test(text)) objections.push(words);
  return objections;
}

export const dnsSubdomain: Rule = (text) => judge(text, 253, 'characters', SUBDOMAIN, SUBDOMAIN_TEXT);
export const dnsLabel: Rule = (text) => judge(text, 63, 'characters', LABEL, LABEL_TEXT);
export const dnsLabel1035: Rule = (text) => judge(text, 63, 'characters', LABEL_1035, LABEL_1035_TEXT);
export const labelValue: Rule = (text) => judge(text, 63, 'bytes', VALUE, VALUE_TEXT);

/** `name` or `prefix/name`. */
export const qualifiedName: Rule = (text) => qualified(text, 'a qualified name');
export const labelKey: Rule = (text) => qualified(text, 'a valid label key');

function qualified(text: string, what: string): readonly string[] {
  if (text.length <= 63 && NAME_PART.test(text)) return FINE;
  const parts = text.split('/');
  if (parts.length > 2) {
    return [`${what} ${NAME_PART_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const objections: string[] = [];
  const name = parts.at(-1)!;
  if (parts.length === 2) {
    if (parts[0] === '') objections.push('prefix part must be non-empty');
    else objections.push(...dnsSubdomain(parts[0]!).map((why) => `prefix part ${why}`));
  }
  if (name === '') objections.push('name part must be non-empty');
  else if (name.length > 63) objections.push('name part must be no more than 63 bytes');
  if (!NAME_PART.test(name)) objections.push(`name part ${NAME_PART_TEXT}`);
  return objections;
}

/** apimachinery/pkg/api/validation/path/name.go */
export const pathSegment: Rule = (text) => {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((character) => text.includes(character)).map((character) => `may not contain '${character}'`);
};
