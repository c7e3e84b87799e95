import type { KubeObject } from '../../object.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../model/generated/objects.ts';
import { validateMutatingBinding, validatePolicyBinding } from '../validation/admission/bindings.ts';
import { validateMutatingPolicy, validateMutatingPolicyUpdate } from '../validation/admission/mutating-policies.ts';
import { validatePolicy, validatePolicyUpdate } from '../validation/admission/policies.ts';
import {
  validateWebhooks,
  validateWebhooksUpdate,
  type WebhookConfiguration,
} from '../validation/admission/webhooks.ts';
import { checkedBy } from '../validation/hook.ts';

interface Webhook {
  failurePolicy?: string;
  matchPolicy?: string;
  namespaceSelector?: object;
  objectSelector?: object;
  timeoutSeconds?: number;
  reinvocationPolicy?: string;
  clientConfig?: { service?: { port?: number } };
  rules?: { scope?: string }[];
}

/** pkg/apis/admissionregistration/v1/defaults.go. */
function defaultWebhooks(draft: KubeObject, mutating: boolean): void {
  for (const webhook of (draft['webhooks'] ?? []) as Webhook[]) {
    fill(webhook, { failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10 });
    webhook.namespaceSelector ??= {};
    webhook.objectSelector ??= {};
    if (mutating) fill(webhook, { reinvocationPolicy: 'Never' });
    if (webhook.clientConfig?.service !== undefined) fill(webhook.clientConfig.service, { port: 443 });
    for (const rule of webhook.rules ?? []) fill(rule, { scope: '*' });
  }
}

interface PolicySpec {
  failurePolicy?: string;
  reinvocationPolicy?: string;
  matchConstraints?: MatchResources;
  matchResources?: MatchResources;
  paramRef?: object;
}

interface MatchResources {
  matchPolicy?: string;
  namespaceSelector?: object;
  objectSelector?: object;
  resourceRules?: { scope?: string }[];
  excludeResourceRules?: { scope?: string }[];
}

function defaultMatch(match: MatchResources | undefined): void {
  if (match === undefined) return;
  fill(match, { matchPolicy: 'Equivalent' });
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])])
    fill(rule, { scope: '*' });
}

function defaultPolicy(draft: KubeObject): void {
  const spec = draft['spec'] as PolicySpec | undefined;
  if (spec === undefined) return;
  fill(spec, { failurePolicy: 'Fail' });
  defaultMatch(spec.matchConstraints);
  defaultMatch(spec.matchResources);
}

/** None of these kinds is written over unseen. */
const written = { generation: true, unconditionalUpdate: false } as const;

export const VALIDATING_WEBHOOK_CONFIGURATION: Partial<Strategy> = {
  ...written,
  defaults: (draft) => defaultWebhooks(draft, false),
  ...checkedBy<WebhookConfiguration>({ create: validateWebhooks, update: validateWebhooksUpdate }),
};

export const MUTATING_WEBHOOK_CONFIGURATION: Partial<Strategy> = {
  ...written,
  defaults: (draft) => defaultWebhooks(draft, true),
  ...checkedBy<WebhookConfiguration>({ create: validateWebhooks, update: validateWebhooksUpdate }),
};

export const VALIDATING_ADMISSION_POLICY: Partial<Strategy> = {
  ...written,
  defaults: defaultPolicy,
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<ValidatingAdmissionPolicy>({ create: validatePolicy, update: validatePolicyUpdate }),
};

const defaultBinding = (draft: KubeObject): void =>
  defaultMatch((draft['spec'] as PolicySpec | undefined)?.matchResources);

export const VALIDATING_ADMISSION_POLICY_BINDING: Partial<Strategy> = {
  ...written,
  defaults: defaultBinding,
  ...checkedBy<ValidatingAdmissionPolicyBinding>({ create: validatePolicyBinding }),
};

export const MUTATING_ADMISSION_POLICY: Partial<Strategy> = {
  ...written,
  defaults: defaultPolicy,
  ...checkedBy<MutatingAdmissionPolicy>({ create: validateMutatingPolicy, update: validateMutatingPolicyUpdate }),
};

export const MUTATING_ADMISSION_POLICY_BINDING: Partial<Strategy> = {
  ...written,
  defaults: defaultBinding,
  ...checkedBy<MutatingAdmissionPolicyBinding>({ create: validateMutatingBinding }),
};
