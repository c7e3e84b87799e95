import type { HostAlias, PodSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { validateAddress } from '../addresses.ts';
import { addTexts, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

/** validateDNSPolicy */
export function validateDnsPolicy(policy: string | undefined, field: string, found: Findings): void {
  if (!policy) found.push(required(field));
  else if (!POLICIES.includes(policy)) found.push(notSupported(field, policy, POLICIES));
}

/** Limits of libc's resolver. */
const MOST_SERVERS = 3;
const MOST_SEARCHES = 32;
const LONGEST_SEARCHES = 2048;

const SEARCH = '[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*';
const SEARCH_PATTERN = new RegExp(`^${SEARCH}$`);
const WRONG_SEARCH = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SEARCH}')`;

/** validatePodDNSConfig */
export function validateDnsConfig({ dnsConfig, dnsPolicy }: PodSpec, path: string, found: Findings): void {
  const servers = dnsConfig?.nameservers ?? [];
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return void found.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    if (servers.length === 0) {
      const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return void found.push(required(`${path}.nameservers`, why));
    }
  }
  if (!dnsConfig) return;
  const searches = dnsConfig.searches ?? [];
  if (servers.length > MOST_SERVERS) {
    found.push(invalid(`${path}.nameservers`, servers, `must not have more than ${MOST_SERVERS} nameservers`));
  }
  for (const [i, server] of servers.entries()) validateAddress(server, `${path}.nameservers[${i}]`, found);
  if (searches.length > MOST_SEARCHES) {
    found.push(invalid(`${path}.searches`, searches, `must not have more than ${MOST_SEARCHES} search paths`));
  }
  if (searches.join(' ').length > LONGEST_SEARCHES) {
    const why = `must not have more than ${LONGEST_SEARCHES} characters (including spaces) in the search list`;
    found.push(invalid(`${path}.searches`, searches, why));
  }
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue;
    const name = search.replace(/\.$/, '');
    const field = `${path}.searches[${i}]`;
    if (name.length > 253) found.push(invalid(field, name, 'must be no more than 253 characters'));
    if (!SEARCH_PATTERN.test(name)) found.push(invalid(field, name, WRONG_SEARCH));
  }
  for (const [i, { name }] of (dnsConfig.options ?? []).entries()) {
    if (!name) found.push(required(`${path}.options[${i}]`, 'must not be empty'));
  }
}

/** ValidateHostAliases */
export function validateHostAliases(aliases: readonly HostAlias[], path: string, found: Findings): void {
  for (const [i, { ip, hostnames = [] }] of aliases.entries()) {
    validateAddress(ip, `${path}[${i}].ip`, found);
    for (const [j, name] of hostnames.entries()) {
      addTexts(found, `${path}[${i}].hostnames[${j}]`, name, dns1123SubdomainErrors(name));
    }
  }
}
