import ipaddr from 'ipaddr.js';
import type { FlagReader } from '../flag-reader.ts';

/** The checks of cmd/kube-apiserver/app/options/validation.go. */
export function serviceProblems(flags: FlagReader): string[] {
  const problems = rangeProblems(flags.text('service-cluster-ip-range').split(','));
  const port = flags.number('kubernetes-service-node-port', 0);
  const range = flags.text('service-node-port-range', '30000-32767');
  const [from, to] = range.split('-').map(Number);
  if (port < 0 || port > 65535) {
    problems.push(
      `--kubernetes-service-node-port ${port} must be between 0 and 65535, inclusive. If 0, the Kubernetes master service will be of type ClusterIP`,
    );
  }
  if (port > 0 && (port < (from ?? 0) || port > (to ?? 0))) {
    problems.push(`kubernetes service port range ${range} doesn't contain ${port}`);
  }
  const count = flags.number('apiserver-count', 1);
  if (count <= 0) problems.push(`--apiserver-count should be a positive number, but value '${count}' provided`);
  return problems;
}

function rangeProblems(ranges: readonly string[]): string[] {
  if (ranges.length > 2) return ['--service-cluster-ip-range must not contain more than two entries'];
  const families = ranges.map((range) => (range.includes(':') ? 6 : 4));
  return families.length === 2 && families[0] === families[1]
    ? ['--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family']
    : [];
}

/** Why the addresses of Services cannot be had from the flag (cmd/kube-apiserver/app/options/completion.go getServiceIPAndRanges). */
export function serviceRangeProblem(flags: FlagReader): string | undefined {
  const given = flags.text('service-cluster-ip-range');
  if (given === '') return undefined;
  const ranges = given.split(',');
  const wrong = ranges.slice(0, 2).findIndex((range) => !ipaddr.isValidCIDR(range.trim()));
  if (wrong >= 0) return `service-cluster-ip-range[${wrong}] is not a valid cidr`;
  const [address, bits] = ipaddr.parseCIDR(ranges[0]?.trim() ?? '');
  return (address.kind() === 'ipv4' ? 32 : 128) - bits < 3
    ? 'error determining service IP ranges for primary service cidr: the service cluster IP range must be at least 8 IP addresses'
    : undefined;
}
