import type {
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  ResourceQuota,
  Secret,
  ServiceAccount,
} from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { defaultProtocol, fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import { validateNode, validateNodeStatus, validateNodeUpdate } from '../validation/cluster/nodes.ts';
import { validateConfigMap, validateConfigMapUpdate } from '../validation/config/config-maps.ts';
import { validateEvent } from '../validation/config/events.ts';
import { validateLimitRange } from '../validation/config/limit-ranges.ts';
import {
  validateNamespace,
  validateNamespaceFinalize,
  validateNamespaceStatus,
} from '../validation/config/namespaces.ts';
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from '../validation/config/quotas.ts';
import { validateSecret, validateSecretUpdate } from '../validation/config/secrets.ts';
import { checkedBy } from '../validation/hook.ts';
import { validateEndpoints, validateEndpointsUpdate } from '../validation/network/endpoints.ts';

type Partially = Partial<Strategy>;

/** pkg/registry/core/configmap/strategy.go. */
export const CONFIG_MAP: Partially = checkedBy<ConfigMap>({
  create: validateConfigMap,
  update: validateConfigMapUpdate,
});

/** pkg/registry/core/secret/strategy.go and SetDefaults_Secret. `stringData` is write-only: it is folded into `data`. */
export const SECRET: Partially = {
  defaults(draft) {
    const secret = draft as Secret & { stringData?: Record<string, string> };
    fill(secret, { type: 'Opaque' });
    if (secret.stringData === undefined) return;
    secret.data = { ...secret.data };
    for (const [key, value] of Object.entries(secret.stringData)) {
      secret.data[key] = Buffer.from(value, 'utf8').toString('base64');
    }
    delete secret.stringData;
  },
  ...checkedBy<Secret>({ create: validateSecret, update: validateSecretUpdate }),
};

const ENFORCE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

/** pkg/registry/core/serviceaccount/strategy.go: of the secrets an account lists only the names are kept. */
export const SERVICE_ACCOUNT: Partially = {
  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
  warnings: ({ metadata }, old) =>
    metadata.annotations?.[ENFORCE_SECRETS] !== undefined && old?.metadata.annotations?.[ENFORCE_SECRETS] === undefined
      ? [
          `metadata.annotations[${ENFORCE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ]
      : [],
};

function keepSecretNames(draft: KubeObject): void {
  const account = draft as ServiceAccount;
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

/** pkg/registry/core/namespace/strategy.go: the `kubernetes` finalizer holds it until its content is gone. */
export const NAMESPACE: Partially = {
  defaults(draft) {
    // SetDefaults_Namespace: every namespace carries its own name as a label.
    const { name } = draft.metadata;
    if (name) draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': name };
  },
  prepareForCreate(draft) {
    const namespace = draft as Namespace;
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] };
  },
  prepareForUpdate(draft, old, { subresource }) {
    if (subresource !== 'finalize') draft['spec'] = old['spec'];
  },
  name: 'label',
  ...checkedBy<Namespace>({
    create: validateNamespace,
    update: () => undefined,
    parts: { status: validateNamespaceStatus, finalize: validateNamespaceFinalize },
  }),
};

/** pkg/registry/core/node/strategy.go. */
export const NODE: Partially = {
  statusOnCreate: true,
  defaults(draft) {
    draft['spec'] ??= {};
    draft['status'] ??= {};
    const { spec, status } = draft as Node;
    // SetDefaults_NodeStatus: all that a node has can be used until its kubelet says otherwise.
    if (status.capacity) fill(status, { allocatable: { ...status.capacity } });
    const { podCIDR = '', podCIDRs: [first = ''] = [] } = spec;
    // Convert_v1_NodeSpec_To_core_NodeSpec: the single range is the first of the list, and goes before it.
    if (podCIDR !== '' && podCIDR !== first) spec.podCIDRs = [podCIDR];
    else if (podCIDR === '' && first !== '') spec.podCIDR = first;
  },
  ...checkedBy<Node>({ create: validateNode, update: validateNodeUpdate, parts: { status: validateNodeStatus } }),
};

export const ENDPOINTS: Partially = {
  defaults(draft) {
    for (const { ports = [] } of (draft as Endpoints).subsets ?? []) for (const port of ports) defaultProtocol(port);
  },
  warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  ...checkedBy<Endpoints>({ create: validateEndpoints, update: validateEndpointsUpdate }),
};

/** Events keep the status they are made with, and are never checked for who writes them. */
export const EVENT: Partially = {
  createOnUpdate: true,
  defaults(draft) {
    const event = draft as KubeObject & Record<string, unknown>;
    for (const field of ['firstTimestamp', 'lastTimestamp', 'eventTime']) event[field] ??= null;
    for (const field of ['source', 'involvedObject']) event[field] ??= {};
    for (const field of ['reportingComponent', 'reportingInstance']) event[field] ??= '';
  },
  name: 'path-segment',
  ...checkedBy<Event>({ create: validateEvent }),
};

/** SetDefaults_LimitRangeItem: a default limit is the maximum, a default request the default limit or the minimum. */
export const LIMIT_RANGE: Partially = {
  defaults(draft) {
    for (const item of (draft as LimitRange).spec?.limits ?? []) {
      if (item.type !== 'Container') continue;
      const limit = { ...item.max, ...item.default };
      const request = { ...item.min, ...limit, ...item.defaultRequest };
      if (Object.keys(limit).length > 0) item.default = limit;
      if (Object.keys(request).length > 0) item.defaultRequest = request;
    }
  },
  ...checkedBy<LimitRange>({ create: validateLimitRange }),
};

export const RESOURCE_QUOTA: Partially = {
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<ResourceQuota>({
    create: validateQuota,
    update: validateQuotaUpdate,
    parts: { status: validateQuotaStatus },
  }),
};
