import { dns1035LabelErrors, dns1123LabelErrors, dns1123SubdomainErrors } from '../../model/names.ts';
import { addTexts, invalid, required, type Findings } from './field-errors.ts';

/** IsFullyQualifiedName: a domain with at least three segments. */
export function validateFullyQualifiedName(name: string | undefined, field: string, found: Findings): void {
  if (!name) return void found.push(required(field));
  const texts = dns1123SubdomainErrors(name);
  if (texts.length > 0) return void found.push(invalid(field, name, texts.join(',')));
  if (name.split('.').length < 3) {
    found.push(invalid(field, name, 'should be a domain with at least three segments separated by dots'));
  }
}

/** IsFullyQualifiedDomainName */
export function validateDomainName(name: string, field: string, found: Findings): void {
  if (name === '') return void found.push(required(field));
  const bare = name.replace(/\.$/, '');
  const texts = dns1123SubdomainErrors(bare);
  if (texts.length > 0) return void found.push(invalid(field, bare, texts.join(',')));
  const labels = bare.split('.');
  if (labels.length < 2)
    return void found.push(invalid(field, bare, 'should be a domain with at least two segments separated by dots'));
  for (const label of labels) addTexts(found, field, label, dns1123LabelErrors(label));
}

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const HTTP_PATH_PATTERN = new RegExp(`^${HTTP_PATH}$`);

/** IsDomainPrefixedPath: `example.com/thing`. */
export function validateDomainPath(path: string, field: string, found: Findings): void {
  if (path === '') return void found.push(required(field));
  const slash = path.indexOf('/');
  if (slash <= 0 || slash === path.length - 1) {
    return void found.push(invalid(field, path, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  }
  const host = path.slice(0, slash);
  addTexts(found, field, host, dns1123SubdomainErrors(host));
  const rest = path.slice(slash + 1);
  if (!HTTP_PATH_PATTERN.test(rest)) {
    found.push(invalid(field, rest, `Invalid path (regex used for validation is '${HTTP_PATH}')`));
  }
}

/** Kinds and list kinds: labels of DNS but for their case. */
export function validateKind(kind: string, field: string, found: Findings): void {
  const texts = dns1035LabelErrors(kind.toLowerCase());
  if (texts.length > 0) {
    found.push(invalid(field, kind, `may have mixed case, but should otherwise match: ${texts.join(',')}`));
  }
}
