import type { AuthorizerChain } from '../authorization/chain.ts';
import { escalationCheck } from '../authorization/escalation.ts';
import type { Dial } from '../callout/https-call.ts';
import type { Randomness } from '../randomness.ts';
import type { Cluster } from '../store/cluster.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { PLUGIN_ORDER, ON_BY_DEFAULT } from './plugin-names.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './plugins/certificates.ts';
import {
  defaultIngressClass,
  defaultStorageClass,
  denyServiceExternalIPs,
  persistentVolumeClaimResize,
  storageObjectInUseProtection,
  taintNodesByCondition,
} from './plugins/defaults.ts';
import { imagePolicyWebhook, type ImagePolicyConfig } from './plugins/image-policy-webhook.ts';
import { limitRanger } from './plugins/limit-ranger.ts';
import { eventRateLimit, type EventLimit } from './plugins/event-rate-limit.ts';
import { namespaceAutoProvision, namespaceExists, namespaceLifecycle } from './plugins/namespace-lifecycle.ts';
import { nodeRestriction } from './plugins/node-restriction.ts';
import {
  alwaysAdmit,
  alwaysDeny,
  alwaysPullImages,
  defaultTolerationSeconds,
  priority,
  runtimeClass,
} from './plugins/pods.ts';
import { ownerReferencesPermissionEnforcement } from './plugins/owner-references.ts';
import {
  extendedResourceToleration,
  limitPodHardAntiAffinityTopology,
  podNodeSelector,
  podTolerationRestriction,
  type PodTolerationConfig,
} from './plugins/pod-placement.ts';
import { serviceAccount } from './plugins/service-account.ts';
import { Reinvocation } from './reinvocation.ts';
import { podSecurity } from './pod-security/plugin.ts';
import type { PodSecurityConfig } from './pod-security/policy.ts';
import { mutatingAdmissionPolicy } from './policies/mutating-policy.ts';
import { validatingAdmissionPolicy } from './policies/validating-policy.ts';
import { resourceQuota } from './quota/plugin.ts';
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from './webhooks/plugins.ts';

export interface AdmissionConfig {
  /** Names added to and taken from the ones that are on by default. */
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
  readonly podSecurity: PodSecurityConfig;
  /** Needed when ImagePolicyWebhook is enabled. */
  readonly imagePolicy: ImagePolicyConfig | undefined;
  /** Seconds. */
  readonly tolerations: { readonly notReady: number; readonly unreachable: number };
  /** PodNodeSelector: by namespace. */
  readonly nodeSelectors: Readonly<Record<string, string>>;
  readonly podTolerations: PodTolerationConfig;
  readonly eventLimits: readonly EventLimit[];
}

/** Both throw or reject with the `ApiError` of the plugin that denies. They return a promise only when a plugin needs one: await the result. */
export interface Admission {
  mutate(request: AdmissionRequest): void | Promise<void>;
  validate(request: AdmissionRequest): void | Promise<void>;
}

export interface AdmissionNeeds {
  readonly cluster: Cluster;
  readonly authorizer: AuthorizerChain;
  readonly randomness: Randomness;
  readonly dial: Dial;
}

/** The enabled plugins in upstream's order (pkg/kubeapiserver/options/plugins.go). RBAC's escalation checks are part of `mutate`'s end. */
export function buildAdmission(config: AdmissionConfig, needs: AdmissionNeeds): Admission {
  const { cluster, authorizer } = needs;
  const on = new Set([...ON_BY_DEFAULT, ...config.enabled].filter((name) => !config.disabled.includes(name)));
  const modelled = plugins(config, needs);
  const active = PLUGIN_ORDER.filter((name) => on.has(name)).flatMap((name) => modelled.get(name) ?? []);
  const mutating = [...active, escalationCheck(authorizer.resolver, authorizer)].filter((plugin) => 'mutate' in plugin);
  const validating = active.filter((plugin) => 'validate' in plugin);
  return {
    mutate(request) {
      const run = new Reinvocation();
      const once = (): void | Promise<void> => inTurn(mutating, (plugin) => plugin.mutate?.(request, cluster, run), 0);
      const again = (): void | Promise<void> => {
        if (!run.needed) return undefined;
        run.second = true;
        return once();
      };
      const done = once();
      return done instanceof Promise ? done.then(again) : again();
    },
    validate: (request) => inTurn(validating, (plugin) => plugin.validate?.(request, cluster), 0),
  };
}

function plugins(
  config: AdmissionConfig,
  { authorizer, randomness, dial, cluster }: AdmissionNeeds,
): ReadonlyMap<string, AdmissionPlugin> {
  const all: AdmissionPlugin[] = [
    alwaysAdmit,
    namespaceAutoProvision,
    namespaceLifecycle,
    namespaceExists,
    limitPodHardAntiAffinityTopology,
    limitRanger,
    serviceAccount(randomness),
    nodeRestriction,
    taintNodesByCondition,
    alwaysPullImages,
    ...(config.imagePolicy === undefined
      ? []
      : [imagePolicyWebhook(config.imagePolicy, dial, () => cluster.clock.now())]),
    podSecurity(config.podSecurity),
    podNodeSelector(config.nodeSelectors),
    priority,
    defaultTolerationSeconds(config.tolerations),
    podTolerationRestriction(config.podTolerations),
    eventRateLimit(config.eventLimits, () => cluster.clock.now()),
    extendedResourceToleration,
    defaultStorageClass,
    storageObjectInUseProtection,
    ownerReferencesPermissionEnforcement(authorizer),
    persistentVolumeClaimResize,
    runtimeClass,
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass,
    denyServiceExternalIPs,
    mutatingAdmissionPolicy(authorizer),
    mutatingAdmissionWebhook(dial, authorizer),
    validatingAdmissionPolicy(authorizer),
    validatingAdmissionWebhook(dial, authorizer),
    resourceQuota,
    alwaysDeny,
  ];
  return new Map(all.map((plugin) => [plugin.name, plugin]));
}

/** Stays synchronous as long as the plugins are. */
function inTurn(
  plugins: readonly AdmissionPlugin[],
  ask: (plugin: AdmissionPlugin) => void | Promise<void>,
  from: number,
): void | Promise<void> {
  for (let at = from; at < plugins.length; at += 1) {
    const plugin = plugins[at];
    const done = plugin === undefined ? undefined : ask(plugin);
    if (done instanceof Promise) return done.then(() => inTurn(plugins, ask, at + 1));
  }
  return undefined;
}
