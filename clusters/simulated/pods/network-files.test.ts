import { expect, test } from 'vitest';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import { networkFiles } from './network-files.ts';

const ofNode = { hosts: '127.0.0.1\tlocalhost\n10.10.0.11\tnode01\n', resolvConf: 'nameserver 192.0.2.53\n' };
const fileOf = (path: string, spec: object): string => {
  const pod = { metadata: { name: 'web', namespace: 'shop' }, spec, status: { podIP: '10.244.1.5' } } as unknown as Pod;
  return String(networkFiles(pod, 'web', ofNode).find((file) => file.path === path)?.data);
};
const CLUSTER =
  'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';

test.each([
  [{}, CLUSTER],
  [{ hostNetwork: true }, ofNode.resolvConf],
  [{ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, CLUSTER],
  [{ dnsPolicy: 'Default' }, ofNode.resolvConf],
  [
    { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.1'], options: [{ name: 'ndots', value: '2' }] } },
    'nameserver 192.0.2.1\noptions ndots:2\n',
  ],
])('names are asked for as %j wants it', (spec, file) => {
  expect(fileOf('/etc/resolv.conf', spec)).toBe(file);
});

test('what shares its node’s network knows that node’s hosts, and those of its own aliases', () => {
  const hostAliases = [{ ip: '192.0.2.7', hostnames: ['db', 'db.shop'] }];
  expect(fileOf('/etc/hosts', { hostNetwork: true, hostAliases })).toBe(
    '# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n10.10.0.11\tnode01\n\n' +
      '# Entries added by HostAliases.\n192.0.2.7\tdb\tdb.shop\n',
  );
  expect(fileOf('/etc/hosts', {})).toContain('10.244.1.5\tweb\n');
});
