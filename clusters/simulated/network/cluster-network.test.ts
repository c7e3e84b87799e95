import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ControlPlaneMachine } from '../control-plane-machine.ts';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import type { Pod, Service } from '../kubernetes/model/generated/objects.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { busybox, LONG, TestCluster } from '../pods/test-cluster.ts';

const NETWORKING = 'networking.k8s.io/v1';

describe.skipIf(impossible)(`the network of a cluster${whyNot}`, () => {
  let lab: TestCluster;
  let machine: ControlPlaneMachine;

  beforeAll(async () => {
    lab = await TestCluster.start(['node01', 'workstation']);
    machine = lab.machine;
    await machine.network.join();
    const sleeping = { containers: [busybox('sleep', '1000')] };
    const httpd = { containers: [busybox('httpd', '-f', '-p', '8080', '-h', '/etc')] };
    const web = { containers: [{ name: 'c', image: 'nginx:1.27', ports: [{ name: 'http', containerPort: 80 }] }] };
    const local = { type: 'NodePort', externalTrafficPolicy: 'Local' };
    await Promise.all([
      make('Pod', 'web-0', { spec: web }, { app: 'web' }),
      make('Pod', 'web-1', { spec: { nodeName: 'controlplane', ...web } }, { app: 'web', on: 'controlplane' }),
      make('Pod', 'self', { spec: httpd }, { app: 'self', one: 'self' }),
      make('Pod', 'other', { spec: httpd }, { app: 'self' }),
      make('Pod', 'client', { spec: sleeping }, { app: 'client' }),
      make('Pod', 'idle', { spec: sleeping }),
      service('web', { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] }),
      service('sticky', { selector: { app: 'self' }, sessionAffinity: 'ClientIP', ports: [{ port: 8080 }] }),
      service('near', { selector: { app: 'web' }, internalTrafficPolicy: 'Local', ports: [{ port: 80 }] }),
      service('headless', { selector: { app: 'web' }, clusterIP: 'None', ports: [{ port: 80 }] }),
      service('any', { selector: { app: 'self' }, ports: [{ port: 80, targetPort: 8080 }] }),
      service('one', { selector: { one: 'self' }, ports: [{ port: 80, targetPort: 8080 }] }),
      service('outside', {
        type: 'NodePort',
        selector: { app: 'self' },
        sessionAffinity: 'ClientIP',
        ports: [{ port: 80, targetPort: 8080, nodePort: 30090 }],
      }),
      service('here', { ...local, selector: { app: 'self' }, ports: [{ port: 8080, nodePort: 30091 }] }),
      service('there', { ...local, selector: { on: 'controlplane' }, ports: [{ port: 80, nodePort: 30092 }] }),
      service('nobody', { selector: { app: 'none' }, ports: [{ port: 80 }] }),
    ]);
    for (const name of ['web-0', 'web-1', 'self', 'other', 'client', 'idle'])
      await until(() => pod(name).status.containerStatuses?.[0]?.ready === true);
    await machine.network.settled();
    for (const name of ['self', 'other']) {
      const page = `http://${pod(name).status.podIP}:8080/hostname`;
      await until(async () => (await fetch(page)) === name);
    }
    await until(async () => (await fetch('http://one/hostname')) === 'self');
  }, 60_000);
  afterAll(async () => {
    const faults = lab?.faults.join('\n') ?? ''; // what comes from here on is of a lab that ends
    await lab?.[Symbol.asyncDispose]();
    if (faults !== '') throw new Error(faults);
  });
  afterEach(async () => {
    const { cluster } = machine.plane;
    const policies = cluster.resource('networkpolicies', 'networking.k8s.io');
    for (const { metadata } of cluster.list(policies, 'default'))
      await cluster.delete(policies, 'default', metadata.name);
  });

  const until = (holds: () => boolean | Promise<boolean>): Promise<void> =>
    vi.waitFor(async () => {
      if (!(await holds())) throw new Error(`still not: ${String(holds)}`);
    }, LONG);
  const make = async (kind: string, name: string, fields: object, labels: object = {}): Promise<void> => {
    const { cluster } = machine.plane;
    const apiVersion = kind === 'NetworkPolicy' ? NETWORKING : 'v1';
    const resource = cluster.resourceOfKind(apiVersion, kind);
    if (resource === undefined) throw new Error(kind);
    const spec = kind === 'Pod' ? { nodeName: 'node01' } : {};
    const object = { apiVersion, kind, metadata: { name, namespace: 'default', labels }, spec, ...fields };
    await cluster.create(resource, object as unknown as KubeObject);
  };
  const label = async (name: string, labels: Record<string, string>): Promise<void> => {
    const { cluster } = machine.plane;
    await cluster.modify(cluster.resource('pods'), { namespace: 'default', name }, (draft) => {
      draft.metadata.labels = labels;
    });
  };
  const service = (name: string, spec: object): Promise<void> => make('Service', name, { spec });
  const policy = (spec: object): Promise<void> => make('NetworkPolicy', 'policy', { spec });
  const get = (plural: string, name: string): KubeObject => {
    const { cluster } = machine.plane;
    const found = cluster.get(cluster.resource(plural), 'default', name);
    if (found === undefined) throw new Error(`no ${plural} ${name}`);
    return found;
  };
  const pod = (name: string): Pod => get('pods', name) as Pod;
  const addressOf = (name: string): string => (get('services', name) as Service).spec.clusterIP ?? '';
  const exec = (line: string, from = 'client'): Promise<string> => lab.exec(from, line);
  const fetch = (url: string, from = 'client'): Promise<string> => exec(`wget -qO- -T 1 ${url}`, from);
  const curl = (url: string, from: 'node01' | 'workstation' = 'node01'): Promise<string> =>
    lab.hosts.sh(from, `curl -s -m 2 ${url}`);
  const nginx = expect.stringContaining('Welcome to nginx!') as string;

  it('leads pods and nodes by a Service to its pods, and nobody else', async () => {
    expect(await fetch('http://web')).toEqual(nginx);
    expect(await curl(`http://${addressOf('web')}`)).toEqual(nginx);
    expect(await curl(`http://${pod('web-0').status.podIP}`)).toEqual(nginx);
    expect(await curl(`http://${addressOf('web')}`, 'workstation')).toBe('[status 7]');
    expect(await curl(`http://${pod('web-0').status.podIP}`, 'workstation')).toBe('[status 7]');
  });

  it('leads a pod through a Service to itself', async () => {
    expect(await fetch('http://one/hostname', 'self')).toBe('self');
  });

  it('leads to any pod of a Service, or with affinity always to the same', async () => {
    const twenty = async (url: string): Promise<number> =>
      new Set((await exec(`for i in $(seq 20); do wget -qO- ${url}/hostname; done`)).split('\n')).size;
    expect(await twenty('http://any')).toBe(2);
    expect(await twenty('http://sticky:8080')).toBe(1);
  });

  it('refuses where no pod stands behind a Service, and where nothing listens in a pod', async () => {
    expect(await fetch('http://nobody')).toContain('Connection refused');
    expect(await fetch(`http://${pod('idle').status.podIP}`)).toContain('Connection refused');
  });

  it('leads whoever reaches a node by its port to a pod, as an address of that node', async () => {
    const name = await curl('http://node01:30090/hostname', 'workstation');
    expect(['self', 'other']).toContain(name);
    expect(await curl('http://node01:30090/hostname', 'workstation')).toBe(name);
    expect(await curl('http://node01:30091/hostname', 'workstation')).toMatch(/^(self|other)$/);
    // There is a pod, but on another node.
    expect(await curl('http://node01:30092', 'workstation')).toBe('[status 28]');
    expect(await fetch('http://there')).toEqual(nginx);
    await policy({ podSelector: { matchLabels: { on: 'controlplane' } } });
    await expect.poll(() => fetch('http://there'), LONG).toContain('timed out');
  });

  it('keeps to the pods of the caller’s node where the Service wants it', async () => {
    expect(await fetch('http://near')).toEqual(nginx);
    await label('web-0', {});
    await expect.poll(() => fetch('http://near'), LONG).toContain('timed out');
    expect(await fetch('http://web')).toEqual(nginx);
    await label('web-0', { app: 'web' });
    await expect.poll(() => fetch('http://near'), LONG).toEqual(nginx);
  });

  it('has names for Services and pods', async () => {
    expect(await exec('nslookup web.default.svc.cluster.local')).toMatch(
      /^Server:\s+10\.96\.0\.10\nAddress:\s+10\.96\.0\.10:53\n\n[^]*Name:\tweb\.default\.svc\.cluster\.local\nAddress: /,
    );
    const headless = await exec('nslookup headless.default.svc.cluster.local');
    for (const name of ['web-0', 'web-1']) expect(headless).toContain(`Address: ${pod(name).status.podIP}`);
    expect(await exec('nslookup -type=srv _http._tcp.web.default.svc.cluster.local')).toContain(
      'service = 0 100 80 web.default.svc.cluster.local',
    );
  });

  it('loses what a policy does not allow, but for what a pod’s own node sends', async () => {
    const address = pod('web-0').status.podIP ?? '';
    await policy({ podSelector: { matchLabels: { app: 'web' } } });
    await expect.poll(() => fetch(`http://${address}`), LONG).toContain('timed out');
    expect(await curl(`http://${address}`)).toEqual(nginx);
  });

  it('judges what goes to a Service by the pod that it comes to', async () => {
    const from = [{ podSelector: { matchLabels: { app: 'client' } } }];
    await policy({ podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from, ports: [{ port: 'http' }] }] });
    await expect.poll(() => fetch('http://web', 'self'), LONG).toContain('timed out');
    expect(await fetch('http://web')).toEqual(nginx);
  });

  it('lets a pod ask for names only where a policy allows it', async () => {
    const podSelector = { matchLabels: { app: 'client' } };
    await policy({ podSelector, policyTypes: ['Egress'] });
    await expect.poll(() => exec('timeout 2 nslookup web.default.svc.cluster.local'), LONG).not.toContain('Name:');
    const to = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }];
    const egress = [{ to, ports: [{ protocol: 'UDP', port: 53 }] }];
    await make('NetworkPolicy', 'names', { spec: { podSelector, policyTypes: ['Egress'], egress } });
    await expect.poll(() => exec('timeout 2 nslookup web.default.svc.cluster.local'), LONG).toContain('Name:');
  });

  it('tells nodes and pods who they are in the cloud, until a policy stops it', async () => {
    const path = 'http://169.254.169.254/latest/meta-data';
    const role = await fetch(`${path}/iam/security-credentials/`);
    expect(JSON.parse(await fetch(`${path}/iam/security-credentials/${role}`))).toMatchObject({ Type: 'AWS-HMAC' });
    expect(await curl(`${path}/local-ipv4`)).toBe('10.10.0.11');
    const token = "-X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token";
    expect(
      await lab.hosts.sh('node01', `curl -s -H "X-aws-ec2-metadata-token: $(curl -s ${token})" ${path}/local-ipv4`),
    ).toBe('10.10.0.11');
    expect(await curl(`-H 'X-aws-ec2-metadata-token: guess' ${path}/`)).toContain('401 - Unauthorized');
    // A pod is a hop too far for the answer.
    const put = `printf 'PUT /latest/api/token HTTP/1.0\\r\\nX-aws-ec2-metadata-token-ttl-seconds: 60\\r\\n\\r\\n'`;
    expect(await exec(`${put} | nc -w 1 169.254.169.254 80; echo "$?"`)).not.toContain('200 OK');
    expect(await curl(path, 'workstation')).toBe('[status 7]');
    const to = [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }];
    await policy({ podSelector: { matchLabels: { app: 'client' } }, policyTypes: ['Egress'], egress: [{ to }] });
    await expect.poll(() => fetch(path), LONG).toContain('timed out');
    expect(await fetch('http://web')).toEqual(nginx);
    await lab.hosts.sh('node01', 'iptables -A OUTPUT -d 169.254.169.254 -j REJECT');
    expect(await curl(path)).toBe('[status 7]');
    await lab.hosts.sh('node01', 'iptables -F OUTPUT');
  });
});
