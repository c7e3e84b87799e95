import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../kubernetes/model/generated/objects.ts';
import { backendsOf } from './backends.ts';
import { serviceRules } from './service-rules.ts';

const endpoint = (address: string, nodeName: string, conditions: object = { ready: true }): object => ({
  addresses: [address],
  nodeName,
  conditions,
});
const slice = (...endpoints: readonly object[]): EndpointSlice =>
  ({ endpoints, ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }) as unknown as EndpointSlice;
const PORT = { name: 'http', protocol: 'TCP', port: 80 };
const NODES = [
  { name: 'controlplane', address: '10.10.0.10', podCIDR: '10.244.0.0/24' },
  { name: 'node01', address: '10.10.0.11', podCIDR: '10.244.1.0/24' },
];
const rulesOf = (spec: object, slices: readonly EndpointSlice[]): string[] => {
  const service = { metadata: { name: 'web', namespace: 'shop' }, spec: { ports: [PORT], ...spec } };
  const text = serviceRules({ services: [service as unknown as Service], slicesOf: () => slices, nodes: NODES });
  return text.split('\n').map((line) => line.trim());
};
const about = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('10.96.0.5'));

describe('who answers for a port of a Service', () => {
  const addresses = (slices: readonly EndpointSlice[], node?: string): string[] =>
    backendsOf(slices, PORT, node).map(({ address }) => address);

  it('is who is ready', () => {
    const all = slice(endpoint('10.244.1.2', 'node01'), endpoint('10.244.1.3', 'node01', { ready: false }));
    expect(addresses([all])).toEqual(['10.244.1.2']);
  });

  it('is who still serves on the way out, when nobody else does', () => {
    const leaving = { ready: false, serving: true, terminating: true };
    expect(addresses([slice(endpoint('10.244.1.2', 'node01', leaving))])).toEqual(['10.244.1.2']);
    const gone = { ready: false, serving: false, terminating: true };
    expect(addresses([slice(endpoint('10.244.1.2', 'node01', gone))])).toEqual([]);
  });

  it('is on the node that was asked for', () => {
    const both = slice(endpoint('10.244.1.2', 'node01'), endpoint('10.244.0.2', 'controlplane'));
    expect(addresses([both], 'controlplane')).toEqual(['10.244.0.2']);
  });
});

describe('the rules of Services', () => {
  const both = slice(endpoint('10.244.1.2', 'node01'), endpoint('10.244.0.2', 'controlplane'));

  it('draw lots, so that each endpoint is as likely', () => {
    expect(about(rulesOf({ clusterIP: '10.96.0.5' }, [both]))).toEqual([
      'ip daddr 10.96.0.5 tcp dport 80 numgen random mod 2 == 0 dnat to 10.244.1.2:8080',
      'ip daddr 10.96.0.5 tcp dport 80 dnat to 10.244.0.2:8080',
    ]);
  });

  it('lose what may stay on its node only and has nobody there', () => {
    const far = slice(endpoint('10.244.0.2', 'controlplane'));
    expect(about(rulesOf({ clusterIP: '10.96.0.5', internalTrafficPolicy: 'Local' }, [far]))).toEqual([
      'ip saddr { 10.10.0.10, 10.244.0.0/24 } ip daddr 10.96.0.5 tcp dport 80 dnat to 10.244.0.2:8080',
      'ip saddr { 10.10.0.11, 10.244.1.0/24 } ip daddr 10.96.0.5 tcp dport 80 drop',
    ]);
  });

  it('have none for a headless Service', () => {
    expect(rulesOf({ clusterIP: 'None' }, [both]).join(' ')).not.toContain('dnat');
  });
});
