import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Probe } from '../../protocol/scenario.ts';
import { FakeApiServer, FakeLab, type FakeLabOptions } from '../fake-lab.ts';
import { observe } from './observe.ts';

/** The probes that read whole lists: `rights`, `workloads` and `stored-secrets`. */
let api: FakeApiServer;
beforeAll(async () => {
  api = await FakeApiServer.start();
});
afterAll(() => api[Symbol.asyncDispose]());

interface Named {
  readonly name: string;
  readonly namespace?: string;
}
const object = (metadata: Named, rest: object = {}): object => ({ metadata, ...rest });

/** An API server of those lists, by the resource; all others are empty. */
function observeLists(probe: object, lists: Record<string, readonly object[]>, more: FakeLabOptions = {}) {
  const answer = (path: string) => ({ status: 200, body: { items: lists[path.split('/').at(-1) ?? ''] ?? [] } });
  const lab = new FakeLab(api, { api: ({ path }) => answer(path), ...more });
  return observe(Probe.parse(probe), lab, new AbortController().signal);
}

describe('rights', () => {
  const role = (metadata: Named, resource: string): object =>
    object(metadata, { rules: [{ verbs: ['get'], apiGroups: [''], resources: [resource] }] });
  const binding = (metadata: Named, [kind, name]: readonly [string, string], subject: object): object =>
    object(metadata, { roleRef: { kind, name }, subjects: [subject] });
  const lists = {
    clusterroles: [role({ name: 'reader' }, 'nodes'), role({ name: 'editor' }, 'pods')],
    roles: [role({ name: 'reader', namespace: 'a' }, 'secrets'), role({ name: 'reader', namespace: 'b' }, 'events')],
    clusterrolebindings: [
      binding({ name: 'one' }, ['ClusterRole', 'reader'], { kind: 'User', name: 'system:anonymous' }),
      binding({ name: 'two' }, ['ClusterRole', 'gone'], { kind: 'User', name: 'system:anonymous' }),
      object({ name: 'three' }, { roleRef: { kind: 'ClusterRole', name: 'reader' } }),
    ],
    rolebindings: [
      binding({ name: 'four', namespace: 'a' }, ['Role', 'reader'], { kind: 'Group', name: 'system:unauthenticated' }),
      binding({ name: 'five', namespace: 'b' }, ['ClusterRole', 'editor'], {
        kind: 'ServiceAccount',
        name: 'robot',
        namespace: 'b',
      }),
    ],
  };

  it.each([
    [
      'anonymous',
      [
        { namespace: '', resources: ['nodes'], through: 'ClusterRoleBinding one' },
        { namespace: 'a', resources: ['secrets'], through: 'RoleBinding a/four' },
      ],
    ],
    [{ serviceAccount: 'b/robot' }, [{ namespace: 'b', resources: ['pods'], through: 'RoleBinding b/five' }]],
    [{ serviceAccount: 'a/robot' }, []],
    [{ user: 'eve' }, []],
  ])('of %o are what bindings give the user and its groups', async (as, rules) => {
    expect(await observeLists({ kind: 'rights', as }, lists)).toMatchObject({ fact: { admitted: true, rules } });
  });

  it('tell that nobody comes in without credentials', async () => {
    const shut: FakeLabOptions = {
      api: ({ as }) => (as === '"anonymous"' ? { status: 401, body: {} } : { status: 200, body: { items: [] } }),
    };
    const observation = await observeLists({ kind: 'rights', as: 'anonymous' }, {}, shut);
    expect(observation).toMatchObject({ fact: { admitted: false, rules: [] } });
  });

  it('are unobservable when a list cannot be read', async () => {
    const broken: FakeLabOptions = { api: () => ({ status: 500, body: { message: 'etcd is away' } }) };
    expect(await observeLists({ kind: 'rights', as: 'anonymous' }, {}, broken)).toEqual({
      outcome: 'unobservable',
      reason: 'GET /apis/rbac.authorization.k8s.io/v1/clusterrolebindings answered 500: etcd is away',
    });
  });
});

describe('workloads', () => {
  const volume = (more: object): object => ({ name: 'v', ...more });
  const spec = (...volumes: object[]): object => ({ containers: [{ image: 'a' }], volumes });

  it('are found in pods and in what makes them, with what they take of their node', async () => {
    const privileged = { image: 'b', securityContext: { privileged: true } };
    const pod = { ...spec(volume({ hostPath: { path: '/' } })), hostPID: true, initContainers: [privileged] };
    const template = { template: { spec: spec(volume({ hostPath: { path: '//./proc/1/root/' } })) } };
    const observation = await observeLists(
      { kind: 'workloads' },
      {
        pods: [object({ name: 'p', namespace: 'n' }, { spec: pod })],
        statefulsets: [object({ name: 's', namespace: 'n' }, { spec: template })],
        cronjobs: [object({ name: 'c', namespace: 'n' }, { spec: { jobTemplate: { spec: template } } })],
      },
    );
    const made = { images: ['a'], privileged: false, hostPID: false, hostPaths: ['/proc/1/root'] };
    expect(observation).toMatchObject({
      fact: {
        workloads: [
          {
            kind: 'Pod',
            namespace: 'n',
            name: 'p',
            images: ['b', 'a'],
            privileged: true,
            hostPID: true,
            hostPaths: ['/'],
          },
          { kind: 'StatefulSet', name: 's', ...made },
          { kind: 'CronJob', name: 'c', ...made },
        ],
      },
    });
  });

  it('have the folders behind their claims', async () => {
    const claim = (name: string) => volume({ persistentVolumeClaim: { claimName: name } });
    const bound = (name: string, source: object, namespace: string): object =>
      object({ name }, { spec: { ...source, claimRef: { namespace, name: 'disk' } } });
    const observation = await observeLists(
      { kind: 'workloads' },
      {
        persistentvolumes: [
          bound('one', { hostPath: { path: '/' } }, 'n'),
          bound('two', { local: { path: '/srv' } }, 'm'),
          object({ name: 'free' }, { spec: { hostPath: { path: '/free' } } }),
        ],
        pods: ['n', 'm', 'o'].map((namespace) => object({ name: 'p', namespace }, { spec: spec(claim('disk')) })),
      },
    );
    expect(observation).toMatchObject({
      fact: { workloads: [{ hostPaths: ['/'] }, { hostPaths: ['/srv'] }, { hostPaths: [] }] },
    });
  });
});

describe('stored-secrets', () => {
  const secrets = [
    object({ name: 'x', namespace: 'n' }),
    object({ name: 'y', namespace: 'n' }),
    object({ name: 'gone', namespace: 'n' }),
  ];
  it('are read one by one; one that is gone is none', async () => {
    const etcd = new Map([
      ['/registry/secrets/n/x', Buffer.from('k8s:enc:aescbc:v1:key1:…')],
      ['/registry/secrets/n/y', Buffer.from('k8s\0…')],
    ]);
    const answer = { api: () => ({ status: 200, body: { items: secrets } }), etcd };
    expect(await observeLists({ kind: 'stored-secrets' }, {}, answer)).toEqual({
      outcome: 'observed',
      fact: {
        secrets: [
          { namespace: 'n', name: 'x', encrypted: true },
          { namespace: 'n', name: 'y', encrypted: false },
        ],
      },
      evidence: '2 Secrets in etcd; in plain text: n/y',
    });
  });

  it('are unobservable when there are too many to read', async () => {
    const many = Array.from({ length: 501 }, (_, i) => object({ name: `s${i}`, namespace: 'n' }));
    expect(await observeLists({ kind: 'stored-secrets' }, { secrets: many })).toEqual({
      outcome: 'unobservable',
      reason: 'there are 501 Secrets, too many to read',
    });
  });
});
