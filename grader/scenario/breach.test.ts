import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../clusters/cluster.ts';
import type { Judgement } from '../checks/judge.ts';
import { placesOf } from '../probes/leak-scan.ts';
import { type LoadedScenario, loadScenario } from './load.ts';

/** What the expectations of `breach` say of facts made from its own seed, and of such as a fix would leave. No lab is needed. */
const SCENARIOS = join(import.meta.dirname, '../../scenarios');
const PASSWORD = 'tide-and-timber-42';
let breach: LoadedScenario;
beforeAll(async () => {
  breach = await loadScenario(SCENARIOS, 'breach');
});

type Item = Record<string, unknown> & {
  kind: string;
  metadata: { name: string; namespace?: string };
  spec: Record<string, unknown>;
};

function seeded(kind: string, name?: string): Item[] {
  const items = breach.seed.manifests.filter((m: Manifest) => m.kind === kind) as unknown as Item[];
  return structuredClone(name === undefined ? items : items.filter(({ metadata }) => metadata.name === name));
}

function judge(check: string, fact: unknown): Judgement {
  const judgement = breach.judges.get(check)?.(fact);
  if (judgement === undefined) throw new Error(`no check ${check}`);
  return judgement;
}

describe('attacker-pods', () => {
  /** As probe `workloads` tells of it. */
  const workload = (kind: string, name: string, more: object = {}): object => ({
    kind,
    namespace: 'kube-system',
    name,
    images: ['alpine:3.20'],
    privileged: false,
    hostPID: false,
    hostPaths: [],
    ...more,
  });
  const disk = { hostPaths: ['/lib/modules', '/'] };
  const processes = { privileged: true, hostPID: true };
  const harmless = [
    workload('Pod', 'kube-proxy', { privileged: true, hostPaths: ['/lib/modules'] }),
    workload('DaemonSet', 'kube-proxy', { privileged: true, hostPaths: ['/lib/modules'] }),
    workload('Pod', 'exporter', { hostPID: true, hostPaths: ['/proc', '/sys'] }),
  ];

  it.each([
    ['no-pods', 'Pod', 'pods'],
    ['no-deployments', 'Deployment', 'Deployments'],
    ['no-daemonsets', 'DaemonSet', 'DaemonSets'],
    ['no-cronjobs', 'CronJob', 'CronJobs'],
    ['no-others', 'ReplicaSet', 'ReplicaSets, StatefulSets, ReplicationControllers or Jobs'],
    ['no-others', 'StatefulSet', 'ReplicaSets, StatefulSets, ReplicationControllers or Jobs'],
  ])('%s finds a %s that holds its node, however it does', (check, kind, words) => {
    const id = `attacker-pods/${check}`;
    for (const hold of [disk, processes, { hostPaths: ['/proc/1/root'] }])
      expect(judge(id, { workloads: [...harmless, workload(kind, 'x', hold)] })).toEqual({
        verdict: 'fail',
        mismatch: `These ${words} hold their node: kube-system/x.`,
      });
    expect(judge(id, { workloads: harmless })).toEqual({ verdict: 'pass' });
  });
});

describe('anonymous-api', () => {
  const rule = (more: object): object => ({
    namespace: '',
    verbs: ['get'],
    groups: [''],
    resources: [],
    names: [],
    urls: [],
    through: 'ClusterRoleBinding x',
    ...more,
  });
  const usual = [
    rule({ urls: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }),
    rule({ namespace: 'kube-public', resources: ['configmaps'], names: ['cluster-info'] }),
  ];
  it.each([
    ['those of every cluster', { admitted: true, rules: usual }, 'pass'],
    ['any, where nobody is let in', { admitted: false, rules: [rule({ resources: ['*'] })] }, 'pass'],
    ['one more resource', { admitted: true, rules: [...usual, rule({ resources: ['deployments'] })] }, 'fail'],
    ['the same in another namespace', { admitted: true, rules: [rule({ ...usual[1], namespace: 'shop' })] }, 'fail'],
    ['one more address', { admitted: true, rules: [rule({ urls: ['/metrics'] })] }, 'fail'],
  ])('takes %s as it is', (_, fact, verdict) =>
    expect(judge('anonymous-api/nothing-else', fact)).toMatchObject({ verdict }),
  );
});

describe('database-password', () => {
  const reference = { secretKeyRef: { name: 'orders-db', key: 'password' } };
  const moved = (name: string, variable: string): Item[] => {
    const items = seeded('Deployment', name);
    for (const item of items) {
      const { containers } = (item.spec['template'] as { spec: { containers: { env: Record<string, unknown>[] }[] } })
        .spec;
      for (const container of containers) {
        container.env = container.env.map((e) =>
          e['name'] === variable ? { name: variable, valueFrom: reference } : e,
        );
      }
    }
    return items;
  };

  it.each([
    ['shop-reads-secret', 'shop', 'DB_PASSWORD'],
    ['database-reads-secret', 'orders-db', 'POSTGRES_PASSWORD'],
  ])('%s wants the reference, not the text', (check, name, variable) => {
    expect(judge(`database-password/${check}`, { items: seeded('Deployment', name) })).toMatchObject({
      verdict: 'fail',
    });
    expect(judge(`database-password/${check}`, { items: moved(name, variable) })).toEqual({ verdict: 'pass' });
    expect(judge(`database-password/${check}`, { items: [] })).toMatchObject({ verdict: 'fail' });
  });

  it('the seed leaks the password in exactly the objects that the task names', () => {
    const leaking = breach.seed.manifests.filter((m) => placesOf(m, [PASSWORD]).length > 0) as unknown as Item[];
    expect(leaking.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap shop-config',
      'Deployment orders-db',
      'Deployment shop',
    ]);
    expect(placesOf(moved('shop', 'DB_PASSWORD'), [PASSWORD])).toEqual([]);
  });

  it('the Secret must hold the password and nothing else', () => {
    const secret = (text: string): object => ({
      items: [{ data: { password: Buffer.from(text).toString('base64') } }],
    });
    expect(judge('database-password/secret', secret(PASSWORD))).toEqual({ verdict: 'pass' });
    expect(judge('database-password/secret', secret(`${PASSWORD}\n`))).toMatchObject({ verdict: 'fail' });
    expect(judge('database-password/secret', { items: [] })).toMatchObject({
      mismatch: 'There is no Secret orders-db in shop.',
    });
  });

  it.each([
    ['the password', PASSWORD, 'pass'],
    ['nothing', '', 'fail'],
    ['the password and a newline', `${PASSWORD}\n`, 'fail'],
  ])('a running web front with %s is judged', (_, stdout, verdict) => {
    const fact = { exitCode: 0, stdout, stderr: '' };
    expect(judge('database-password/shop-has-password', fact)).toMatchObject({ verdict });
  });

  it('a value behind the reference overrides it', () => {
    const items = moved('shop', 'DB_PASSWORD');
    for (const item of items) {
      const { spec } = item.spec['template'] as { spec: { containers: { env: object[] }[] } };
      spec.containers[0]?.env.push({ name: 'DB_PASSWORD', value: 'other' });
    }
    expect(judge('database-password/shop-reads-secret', { items })).toMatchObject({ verdict: 'fail' });
  });
});

describe('a running Deployment', () => {
  const check = 'attacker-pods/shop-runs';
  const deployment = (status?: object): object => ({
    items: [{ spec: { replicas: 2 }, ...(status === undefined ? {} : { status }) }],
  });
  it.each([
    ['is fully available and up to date', deployment({ availableReplicas: 2, updatedReplicas: 2 }), 'pass'],
    ['is not one whose new pods do not come up', deployment({ availableReplicas: 2, updatedReplicas: 1 }), 'fail'],
    ['is not one without a status', deployment(), 'fail'],
    ['is not one that is gone', { items: [] }, 'fail'],
    ['is not one without pods', { items: [{ spec: { replicas: 0 }, status: {} }] }, 'fail'],
  ])('%s', (_, fact, verdict) => expect(judge(check, fact)).toMatchObject({ verdict }));
});

describe('readable Secrets', () => {
  it.each([
    ['shop-secret-readable', 'payment-gateway'],
    ['system-secret-readable', 'registry-mirror'],
  ])('%s knows the value of the seed', (check, name) => {
    const [secret] = seeded('Secret', name) as unknown as { stringData: { token: string } }[];
    const token = Buffer.from(secret?.stringData.token ?? '').toString('base64');
    expect(judge(`secrets-at-rest/${check}`, { state: 'answered', status: 200, json: { data: { token } } })).toEqual({
      verdict: 'pass',
    });
    expect(judge(`secrets-at-rest/${check}`, { state: 'answered', status: 500, json: {} })).toMatchObject({
      verdict: 'fail',
    });
    expect(judge(`secrets-at-rest/${check}`, { state: 'refused', status: 0, body: '' })).toMatchObject({
      verdict: 'fail',
    });
  });
});

describe('ssh-keys-only', () => {
  const fact = (more: object): object => ({
    from: 'bastion',
    state: 'reached',
    reached: true,
    login: false,
    methods: ['publickey'],
    ...more,
  });
  it.each([
    ['passwords-node01', fact({}), 'pass'],
    ['passwords-node01', fact({ methods: ['publickey', 'password'] }), 'fail'],
    ['passwords-node01', fact({ methods: ['publickey', 'keyboard-interactive'] }), 'fail'],
    ['passwords-node01', fact({ state: 'refused', reached: false, methods: [] }), 'fail'],
    ['passwords-node01', fact({ from: 'stranger', state: 'timeout', reached: false, methods: [] }), 'pass'],
    ['passwords-node01', fact({ from: 'stranger', state: 'no-ssh', reached: false, methods: [] }), 'fail'],
    ['root-node01', fact({}), 'pass'],
    ['root-node01', fact({ login: true }), 'fail'],
    ['root-node01', fact({ state: 'timeout', reached: false }), 'fail'],
  ])('%s of %o is %s', (check, given, verdict) =>
    expect(judge(`ssh-keys-only/${check}`, given)).toMatchObject({ verdict }),
  );

  it('tries root with the key of the seed', () => {
    const seeded = breach.seed.files.find(({ path }) => path === '/root/.ssh/id_ed25519')?.content ?? '';
    const task = breach.file.tasks.find(({ id }) => id === 'ssh-keys-only');
    for (const id of ['root-controlplane', 'root-node01']) {
      const probe = task?.checks.find((check) => check.id === id)?.probe;
      expect(probe).toMatchObject({ with: { privateKey: Buffer.from(seeded).toString('utf8') } });
    }
  });
});

it('every fix.sh is a script that bash can read', async () => {
  const scripts = (await readdir(join(SCENARIOS, 'breach'), { recursive: true })).filter((path) =>
    path.endsWith('fix.sh'),
  );
  expect(scripts.length).toBe(breach.submissions.length);
  for (const script of scripts) await promisify(execFile)('bash', ['-n', join(SCENARIOS, 'breach', script)]);
});
