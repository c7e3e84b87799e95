import type { LimitRange, Namespace, Secret } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';

type Partially = Partial<Strategy>;

/** pkg/registry/core/configmap/strategy.go. */
export const CONFIG_MAP: Partially = {};

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
};

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
};

/** pkg/registry/core/node/strategy.go. */
export const NODE: Partially = {
  defaults(draft) {
    draft['spec'] ??= {};
    draft['status'] ??= {};
  },
};

export const ENDPOINTS: Partially = {
  warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
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
};

export const RESOURCE_QUOTA: Partially = {
  prepareForCreate: (draft) => void (draft['status'] = {}),
};
