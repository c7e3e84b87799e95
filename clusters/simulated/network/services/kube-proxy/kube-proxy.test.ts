import { expect, test } from 'vitest';
import { testContainer } from '../../../images/models/test-container.ts';
import { PROXY_ADDON } from '../../../kubernetes/bootstrap/addons.ts';
import { kubeProxy } from './kube-proxy.ts';

const FOLDER = '/var/lib/kube-proxy';
const [, configMap] = PROXY_ADDON as readonly { data?: Readonly<Record<string, string>> }[];
const { 'config.conf': config = '', 'kubeconfig.conf': kubeconfig = '' } = configMap?.data ?? {};

/** One with that configuration, in kubeadm's place for it. */
const start = (text: string, ...flags: string[]) =>
  testContainer(
    kubeProxy,
    { [`${FOLDER}/config.conf`]: text, [`${FOLDER}/kubeconfig.conf`]: kubeconfig },
    { tag: 'v1.36.2', argv: ['/usr/local/bin/kube-proxy', `--config=${FOLDER}/config.conf`, ...flags] },
  );

test('as kubeadm has it, it says what it does and tells of itself', async () => {
  const container = await start(config, '--hostname-override=node01');
  const { server, log } = container;
  expect(log.join('\n')).toMatch(/"Using iptables proxy"[^]*"Starting service config controller"/);
  expect(server?.listens).toEqual([10_256, 10_249]);
  const get = (port: number, path: string) =>
    container.say(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(await get(10_249, '/proxyMode')).toMatch(/iptables$/);
  expect(await get(10_256, '/healthz')).toContain('"lastUpdated": "2026-01-02 03:04:05.000 +0000 UTC"');
  expect(await get(10_256, '/proxyMode')).toContain('404');
});

test.each([
  [
    'a mode that there is not',
    config.replace('mode: ""', 'mode: ebpf'),
    'failed validate: KubeProxyConfiguration.Mode: Invalid value: \\"ebpf\\": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
  ],
  [
    'no range for pods',
    config.replace(/clusterCIDR: .*/, 'clusterCIDR: pods'),
    'failed validate: KubeProxyConfiguration.DetectLocal.ClusterCIDRs: Invalid value: \\"pods\\": must be a valid CIDR block',
  ],
  [
    'another kind',
    config.replace('kind: KubeProxyConfiguration', 'kind: Proxy'),
    'failed complete: failed to decode: no kind \\"Proxy\\" is registered for version',
  ],
  [
    'a number for a text',
    config.replace('bindAddress: 0.0.0.0', 'bindAddress: 5'),
    'failed complete: failed to decode: json: cannot unmarshal number 5 into Go struct field KubeProxyConfiguration.bindAddress of type string',
  ],
  [
    'a kubeconfig that is missing',
    config.replace('kubeconfig.conf', 'none.conf'),
    'stat /var/lib/kube-proxy/none.conf: no such file or directory',
  ],
])('%s ends it', async (_what, text, words) => {
  const { exitCode, log } = await start(text);
  expect(exitCode).toBe(1);
  expect(log.at(-1)).toContain(`"command failed" err="${words}`);
});

test('fields that it does not know it says it passes over', async () => {
  const { server, log } = await start(`${config}\nmodes: ipvs\n`);
  expect(server).toBeDefined();
  expect(log[0]).toContain(
    String.raw`"Using lenient decoding as strict decoding failed" err="strict decoding error: unknown field \"modes\""`,
  );
});

test('a mode whose rules are not modelled is said to be none of theirs', async () => {
  const { log } = await start(config.replace('mode: ""', 'mode: ipvs'));
  expect(log.join('\n')).toContain('not simulated: the proxy mode ipvs; the node has the rules of iptables');
});

test('a flag that there is not ends it', async () => {
  const { exitCode, log } = await start(config, '--nonsense');
  expect({ exitCode, log }).toEqual({ exitCode: 1, log: ['Error: unknown flag: --nonsense'] });
});
