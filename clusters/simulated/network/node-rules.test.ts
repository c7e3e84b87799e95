import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostName } from '../../../protocol/host.ts';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from '../lab-on-hosts.ts';

const OURS = '/api/v1/namespaces/default';

describe.skipIf(impossible)(`Services as the nodes of a lab have them${whyNot}`, () => {
  let lab: LabOnHosts;
  const make = async (kind: string, name: string, spec: object, labels: object = {}): Promise<void> => {
    const body = { apiVersion: 'v1', kind, metadata: { name, labels }, spec };
    const { status } = await lab.ask({ method: 'POST', path: `${OURS}/${kind.toLowerCase()}s`, body });
    expect(status).toBe(201);
  };
  const sh = (host: HostName, line: string): Promise<string> => lab.sh(host, line);
  const page = (port: number, from: HostName = 'internet'): Promise<string> =>
    sh(from, `curl -s -m 2 http://node01:${port}/hostname`);
  const log = async (pod: string): Promise<string> => String((await lab.ask({ path: `${OURS}/pods/${pod}/log` })).body);

  beforeAll(async () => {
    lab = await labOnHosts(['workstation', 'controlplane', 'node01', 'internet']);
    const httpd = { name: 'c', image: 'busybox:1.36', command: ['httpd', '-f', '-vv', '-p', '8080', '-h', '/etc'] };
    await make('Pod', 'web', { nodeName: 'node01', containers: [httpd] }, { app: 'web' });
    const ports = (nodePort: number) => [{ name: 'http', port: 80, targetPort: 8080, nodePort }];
    await make('Service', 'web', { type: 'NodePort', selector: { app: 'web' }, ports: ports(30_080) });
    const local = { type: 'NodePort', externalTrafficPolicy: 'Local' };
    await make('Service', 'near', { ...local, selector: { app: 'web' }, ports: ports(30_081) });
    await make('Service', 'passing', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] });
    await lab.eventually(() => page(30_080), /web/);
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  it('are rules of kube-proxy in iptables, which go with the Service', async () => {
    const rules = await sh('controlplane', 'iptables-save | grep default/passing');
    expect(rules).toMatch(
      /-A KUBE-SERVICES -d \S+\/32 -p tcp -m comment --comment "default\/passing cluster IP" -m tcp --dport 80 -j KUBE-SVC-\w{16}/,
    );
    expect(rules).toMatch(/-A KUBE-SEP-\w{16} -p tcp .* -j DNAT --to-destination 10\.244\.1\.\d+:8080/);
    expect(await sh('controlplane', "iptables -t nat -S PREROUTING | grep -c 'kubernetes service portals'")).toBe('1');
    await lab.ask({ method: 'DELETE', path: `${OURS}/services/passing` });
    const gone = await lab.eventually(() => sh('controlplane', 'iptables-save | grep -c default/passing'), /^0/);
    expect(gone).toBe('0 [status 1]');
  });

  it('are reached by a node’s port from the internet and from the node itself, where nothing listens', async () => {
    expect(await page(30_080)).toBe('web');
    expect(await sh('node01', 'curl -s -m 2 http://localhost:30080/hostname')).toBe('web');
    expect(await sh('controlplane', 'curl -s -m 2 http://10.10.0.10:30080/hostname')).toBe('web');
    expect(await sh('node01', 'ss -Hltn | grep -c :30080')).toBe('0 [status 1]');
    expect(await sh('node01', 'conntrack -L -p tcp --orig-port-dst 30080 2>/dev/null')).toContain('src=203.0.113.66');
  });

  it('see the caller with externalTrafficPolicy Local alone', async () => {
    await page(30_080);
    expect(await log('web')).not.toContain('203.0.113.66');
    await page(30_081);
    expect(await lab.eventually(() => log('web'), /203\.0\.113\.66/)).toContain('203.0.113.66');
  });

  it('are not stopped by INPUT, which their packets never pass, but before it and by FORWARD', async () => {
    await sh('node01', 'iptables -A INPUT -p tcp --dport 30080 -j DROP');
    expect(await page(30_080)).toBe('web');
    await sh('node01', 'iptables -F INPUT; iptables -t raw -A PREROUTING -p tcp --dport 30080 -j DROP');
    expect(await page(30_080)).toBe('[status 28]');
    await sh('node01', 'iptables -t raw -F; iptables -I FORWARD -p tcp --dport 8080 -s 203.0.113.0/24 -j REJECT');
    expect(await page(30_080)).toBe('[status 7]');
    expect(await page(30_080, 'workstation')).toBe('web');
    await sh('node01', 'iptables -D FORWARD 1');
    expect(await page(30_080)).toBe('web');
  });

  it('go on behind a firewall that lets nothing in', async () => {
    await sh('node01', 'ufw default deny incoming && ufw --force enable');
    expect(await page(30_080)).toBe('web');
    expect(await page(30_081)).toBe('web');
    expect(await sh('workstation', 'nc -z -w 1 node01 10250')).toContain('[status');
    await sh('node01', 'ufw --force disable');
  });

  it('come back when somebody flushes all rules', async () => {
    await sh('node01', 'nft flush ruleset');
    expect(await lab.eventually(() => page(30_080), /web/)).toBe('web');
    expect(await sh('node01', "iptables-save | grep -c -- '-j KUBE-SERVICES'")).toBe('4');
  });

  it('leave a pod its node’s port as long as it runs', async () => {
    const httpd = ['httpd', '-f', '-p', '8080', '-h', '/etc'];
    const ports = [{ containerPort: 8080, hostPort: 8088 }];
    await make('Pod', 'own', {
      nodeName: 'node01',
      containers: [{ name: 'c', image: 'busybox:1.36', command: httpd, ports }],
    });
    const reach = () => page(8088, 'workstation');
    expect(await lab.eventually(reach, /own/)).toBe('own');
    expect(await sh('node01', 'curl -s -m 2 http://127.0.0.1:8088/hostname')).toBe('own');
    await lab.ask({ method: 'DELETE', path: `${OURS}/pods/own?gracePeriodSeconds=0` });
    expect(await lab.eventually(reach, /status 7/)).toBe('[status 7]');
  });

  it('answer over UDP at a node’s port', async () => {
    const ports = [{ name: 'dns', protocol: 'UDP', port: 53, nodePort: 30_053 }];
    const dns = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'dns-outside' } };
    const spec = { type: 'NodePort', selector: { 'k8s-app': 'kube-dns' }, ports };
    await lab.ask({ method: 'POST', path: '/api/v1/namespaces/kube-system/services', body: { ...dns, spec } });
    const query = `
      use IO::Socket::INET;
      my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "node01:30053");
      my $name = join "", map { chr(length) . $_ } qw(web default svc cluster local);
      $s->send(pack("n6", 7, 0x100, 1, 0, 0, 0) . "$name\\0" . pack("n2", 1, 1));
      $SIG{ALRM} = sub { exit 1 }; alarm 2;
      $s->recv(my $answer, 512);
      print join ".", unpack "C4", substr $answer, -4`;
    const service = await lab.get<{ spec: { clusterIP: string } }>(`${OURS}/services/web`);
    const asked = () => sh('workstation', `perl -e '${query}'`);
    expect(await lab.eventually(asked, /^\d+\./)).toBe(service?.spec.clusterIP);
  });
  it('stay as they are while no kube-proxy runs', async () => {
    const system = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy';
    await lab.ask({ method: 'DELETE', path: `${system}?propagationPolicy=Foreground` });
    const proxies = async () =>
      String(
        (await lab.get<{ items: unknown[] }>('/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-proxy'))
          ?.items.length,
      );
    expect(await lab.eventually(proxies, /^0/)).toBe('0');
    await make('Service', 'late', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] });
    expect(await page(30_080)).toBe('web');
    expect(await sh('node01', 'iptables-save | grep -c default/late')).toBe('0 [status 1]');
  });
});
