import type { HostAlias, PodSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors, underscoredSubdomainErrors } from '../../../model/names.ts';
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
    addTexts(found, `${path}.searches[${i}]`, name, underscoredSubdomainErrors(name));
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
