import type { KubeObject } from '../object.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
const autoUpdate = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

interface Level {
  readonly shares: number;
  readonly lendable: number;
  readonly queuing?: { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number };
}

/** The suggested and mandatory priority levels (apiserver/pkg/apis/flowcontrol/bootstrap/default.go). */
const LEVELS: Readonly<Record<string, Level>> = {
  'catch-all': { shares: 5, lendable: 0 },
  'global-default': { shares: 20, lendable: 50, queuing: { queues: 128, handSize: 6, queueLengthLimit: 50 } },
  'leader-election': { shares: 10, lendable: 0, queuing: { queues: 16, handSize: 4, queueLengthLimit: 50 } },
  'node-high': { shares: 40, lendable: 25, queuing: { queues: 64, handSize: 6, queueLengthLimit: 50 } },
  system: { shares: 30, lendable: 33, queuing: { queues: 64, handSize: 6, queueLengthLimit: 50 } },
  'workload-high': { shares: 40, lendable: 50, queuing: { queues: 128, handSize: 6, queueLengthLimit: 50 } },
  'workload-low': { shares: 100, lendable: 90, queuing: { queues: 128, handSize: 6, queueLengthLimit: 50 } },
};

export const PRIORITY_LEVELS: readonly KubeObject[] = [
  {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: { name: 'exempt', annotations: autoUpdate },
    spec: { exempt: { lendablePercent: 0, nominalConcurrencyShares: 0 }, type: 'Exempt' },
  },
  ...Object.entries(LEVELS).map(([name, { shares, lendable, queuing }]) => ({
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: { name, annotations: autoUpdate },
    spec: {
      limited: {
        lendablePercent: lendable,
        limitResponse: queuing === undefined ? { type: 'Reject' } : { queuing, type: 'Queue' },
        nominalConcurrencyShares: shares,
      },
      type: 'Limited',
    },
  })),
];

/** Flow schemas by name: level, precedence, distinguisher, and who is meant (groups, or ServiceAccounts of kube-system). */
const SCHEMAS: readonly (readonly [string, string, number, string | undefined, readonly object[]])[] = [
  ['exempt', 'exempt', 1, undefined, [group('system:masters')]],
  ['probes', 'exempt', 2, undefined, [group('system:unauthenticated'), group('system:authenticated')]],
  [
    'system-leader-election',
    'leader-election',
    100,
    'ByUser',
    [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  ],
  ['system-node-high', 'node-high', 400, 'ByUser', [group('system:nodes')]],
  ['system-nodes', 'system', 500, 'ByUser', [group('system:nodes')]],
  ['kube-controller-manager', 'workload-high', 800, 'ByNamespace', [user('system:kube-controller-manager')]],
  ['kube-scheduler', 'workload-high', 800, 'ByNamespace', [user('system:kube-scheduler')]],
  ['kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', [group('system:serviceaccounts:kube-system')]],
  ['service-accounts', 'workload-low', 9000, 'ByUser', [group('system:serviceaccounts')]],
  [
    'global-default',
    'global-default',
    9900,
    'ByUser',
    [group('system:unauthenticated'), group('system:authenticated')],
  ],
  ['catch-all', 'catch-all', 10_000, 'ByUser', [group('system:unauthenticated'), group('system:authenticated')]],
];

function group(name: string): object {
  return { group: { name }, kind: 'Group' };
}

function user(name: string): object {
  return { kind: 'User', user: { name } };
}

export const FLOW_SCHEMAS: readonly KubeObject[] = SCHEMAS.map(
  ([name, level, precedence, distinguisher, subjects]) => ({
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name, annotations: autoUpdate },
    spec: {
      ...(distinguisher === undefined ? {} : { distinguisherMethod: { type: distinguisher } }),
      matchingPrecedence: precedence,
      priorityLevelConfiguration: { name: level },
      rules: [
        {
          nonResourceRules: [
            {
              nonResourceURLs: name === 'probes' ? ['/healthz', '/readyz', '/livez'] : ['*'],
              verbs: name === 'probes' ? ['get'] : ['*'],
            },
          ],
          ...(name === 'probes'
            ? {}
            : {
                resourceRules: [
                  { apiGroups: ['*'], clusterScope: true, namespaces: ['*'], resources: ['*'], verbs: ['*'] },
                ],
              }),
          subjects,
        },
      ],
    },
  }),
);
