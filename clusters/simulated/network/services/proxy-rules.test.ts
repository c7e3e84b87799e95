import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../kubernetes/model/generated/objects.ts';
import { backendsOf } from './backends.ts';
import { chainNames } from './chain-names.ts';
import { portRules } from './port-rules.ts';
import { proxyTables } from './proxy-rules.ts';
import { restoreInput } from './rule-tables.ts';

const endpoint = (address: string, nodeName: string, conditions: object = { ready: true }): object => ({
  addresses: [address],
  nodeName,
  conditions,
});
const slice = (...endpoints: readonly object[]): EndpointSlice =>
  ({ endpoints, ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }) as unknown as EndpointSlice;
const PORT = { name: 'http', protocol: 'TCP', port: 80 };
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

describe('the chains of Services', () => {
  it('are named as kube-proxy names them', () => {
    // From pkg/proxy/iptables/proxier_test.go.
    const its = chainNames('ns1/svc1:p80', 'tcp');
    expect([its.cluster, its.endpoint('10.180.0.1:80')]).toEqual([
      'KUBE-SVC-XPGD46QRK7WJZT7O',
      'KUBE-SEP-SXIVWICOYRO3J4NJ',
    ]);
  });
});

describe('the rules of a port of a Service', () => {
  const both = slice(endpoint('10.244.1.2', 'node01'), endpoint('10.244.0.2', 'controlplane'));
  const far = slice(endpoint('10.244.0.2', 'controlplane'));
  const rulesOf = (spec: object, slices: readonly EndpointSlice[], port: object = PORT) => {
    const service = { metadata: { name: 'web', namespace: 'shop' }, spec: { clusterIP: '10.96.0.5', ...spec } };
    return portRules(service as unknown as Service, port as typeof PORT, slices, 'node01');
  };
  const its = chainNames('shop/web:http', 'tcp');
  const [here, there] = [its.endpoint('10.244.1.2:8080'), its.endpoint('10.244.0.2:8080')];
  const leaving = (nat: readonly string[], chain: string): string[] =>
    nat.filter((rule) => rule.startsWith(`-A ${chain} `)).map((rule) => rule.replace(/^.* -j /, ''));

  it('draw lots, so that each endpoint is as likely', () => {
    const { nat, filter } = rulesOf({}, [both]);
    expect(filter).toEqual([]);
    expect(nat).toContain(
      `-A KUBE-SERVICES -d 10.96.0.5/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j ${its.cluster}`,
    );
    expect(nat.filter((rule) => rule.includes(' -> '))).toEqual([
      `-A ${its.cluster} -m comment --comment "shop/web:http -> 10.244.1.2:8080" -m statistic --mode random --probability 0.5000000000 -j ${here}`,
      `-A ${its.cluster} -m comment --comment "shop/web:http -> 10.244.0.2:8080" -j ${there}`,
    ]);
  });

  it('lead who was here lately where it went, as long as the Service says', () => {
    const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } };
    const { nat } = rulesOf(affinity, [both]);
    expect(nat).toContain(
      `-A ${its.cluster} -m comment --comment "shop/web:http -> 10.244.1.2:8080" -m recent --name ${here} --rcheck --seconds 5 --reap -j ${here}`,
    );
  });

  it('lose what may stay on its node only and has nobody there', () => {
    const { nat, filter, chains } = rulesOf({ internalTrafficPolicy: 'Local' }, [far]);
    expect([nat, chains]).toEqual([[], []]);
    expect(filter).toEqual([
      '-A KUBE-SERVICES -d 10.96.0.5/32 -p tcp -m comment --comment "shop/web:http has no local endpoints" -m tcp --dport 80 -j DROP',
    ]);
  });

  it('refuse where nobody stands behind the Service', () => {
    const { filter } = rulesOf({}, [], { ...PORT, nodePort: 30_080 });
    expect(filter.map((rule) => rule.replace(/ -m comment.* -j/, ' …'))).toEqual([
      '-A KUBE-SERVICES -d 10.96.0.5/32 -p tcp … REJECT --reject-with tcp-reset',
      '-A KUBE-EXTERNAL-SERVICES -p tcp … REJECT --reject-with tcp-reset',
    ]);
  });

  it('let a NodePort lead anywhere as the node, or with the policy Local to its own as who it is', () => {
    const nodePort = { ...PORT, nodePort: 30_080 };
    const anywhere = rulesOf({ type: 'NodePort' }, [both], nodePort);
    expect(leaving(anywhere.nat, 'KUBE-NODEPORTS')).toEqual([its.external]);
    expect(leaving(anywhere.nat, its.external)).toEqual(['KUBE-MARK-MASQ', its.cluster]);
    const near = rulesOf({ type: 'NodePort', externalTrafficPolicy: 'Local' }, [both], nodePort);
    expect(leaving(near.nat, its.external)).toEqual([its.cluster, 'KUBE-MARK-MASQ', its.cluster, its.local]);
    expect(leaving(near.nat, its.local)).toEqual([here]);
    expect(near.chains).toContain(its.local);
    const elsewhere = rulesOf({ type: 'NodePort', externalTrafficPolicy: 'Local' }, [far], nodePort);
    expect(elsewhere.filter.join()).toContain(
      'has no local endpoints" -m tcp --dport 30080 -m addrtype --dst-type LOCAL -j DROP',
    );
  });

  it('let by a load balancer only whom the Service lets', () => {
    const service = {
      metadata: { name: 'web', namespace: 'shop' },
      spec: { type: 'LoadBalancer', clusterIP: '10.96.0.5', loadBalancerSourceRanges: [' 203.0.113.0/24', 'nonsense'] },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }, { hostname: 'lb' }] } },
    };
    const { nat, filter } = portRules(service as unknown as Service, PORT, [both], 'node01');
    expect(nat).toContain(
      `-A ${its.firewall} -s 203.0.113.0/24 -m comment --comment "shop/web:http loadbalancer IP" -j ${its.external}`,
    );
    expect(leaving(nat, its.firewall)).toEqual([its.external]);
    expect(filter.filter((rule) => rule.endsWith('DROP'))).toHaveLength(1);
  });

  it('take nothing for a name, an address or a port that is none', () => {
    const bad = {
      metadata: { name: 'x"\n-F\n', namespace: 'shop' },
      spec: { clusterIP: '10.96.0.5', externalIPs: ['1.2.3.4 -j ACCEPT'] },
    };
    const { nat, filter } = portRules(bad as unknown as Service, PORT, [both], 'node01');
    expect([...nat, ...filter].join('\n')).not.toMatch(/^-F|"\n|ACCEPT/m);
    expect(portRules(bad as unknown as Service, { ...PORT, port: 70_000 }, [both], 'node01').nat).toEqual([]);
  });

  it('are none for a headless Service', () => {
    const headless = { metadata: { name: 'web', namespace: 'shop' }, spec: { clusterIP: 'None', ports: [PORT] } };
    const tables = proxyTables({ services: [headless as unknown as Service], slicesOf: () => [both], node: 'node01' });
    expect(JSON.stringify(tables)).not.toContain('shop/web');
  });
});

describe('what a node is given over the rules that it has', () => {
  const table = {
    name: 'nat',
    chains: ['KUBE-SERVICES', 'KUBE-SVC-AAAAAAAAAAAAAAAA'],
    passing: /^KUBE-SVC-/,
    rules: ['-A KUBE-SERVICES -j KUBE-SVC-AAAAAAAAAAAAAAAA'],
    first: ['-A OUTPUT -j KUBE-SERVICES', '-A PREROUTING -j KUBE-SERVICES'],
    last: ['-A POSTROUTING -j CNI-MASQ'],
  } as const;

  it('is everything where it has none', () => {
    expect(restoreInput([table], '').split('\n')).toEqual([
      '*nat',
      ':KUBE-SERVICES - [0:0]',
      ':KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]',
      '-I OUTPUT -j KUBE-SERVICES',
      '-I PREROUTING -j KUBE-SERVICES',
      '-A POSTROUTING -j CNI-MASQ',
      '-A KUBE-SERVICES -j KUBE-SVC-AAAAAAAAAAAAAAAA',
      'COMMIT',
      '',
    ]);
  });

  it('is no second way into its chains, and the end of those of former Services', () => {
    const present = [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':KUBE-SERVICES - [0:0]',
      ':KUBE-SVC-BBBBBBBBBBBBBBBB - [0:0]',
      ':MINE - [0:0]',
      '-A PREROUTING -j KUBE-SERVICES',
      'COMMIT',
      '*filter',
      '-A OUTPUT -j KUBE-SERVICES',
      'COMMIT',
    ].join('\n');
    const lines = restoreInput([table], present).split('\n');
    expect(lines).not.toContain('-I PREROUTING -j KUBE-SERVICES');
    expect(lines).toContain('-I OUTPUT -j KUBE-SERVICES'); // another table's is not this one's
    expect(lines.filter((line) => line.includes('BBBB'))).toEqual([
      ':KUBE-SVC-BBBBBBBBBBBBBBBB - [0:0]',
      '-X KUBE-SVC-BBBBBBBBBBBBBBBB',
    ]);
    expect(lines.join()).not.toContain('MINE');
  });
});
