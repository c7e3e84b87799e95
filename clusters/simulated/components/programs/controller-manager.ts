import { createPrivateKey } from 'node:crypto';
import { TokenIssuer } from '../../kubernetes/authentication/token-issuer.ts';
import { admissionPolicyStatusController } from '../../kubernetes/controllers/admission-policy-status.ts';
import { autoscalerController } from '../../kubernetes/controllers/autoscaler.ts';
import { bootstrapSignerController } from '../../kubernetes/controllers/bootstrap-signer.ts';
import { certificateSigningController } from '../../kubernetes/controllers/certificate-signing.ts';
import { clusterRoleAggregationController } from '../../kubernetes/controllers/cluster-role-aggregation.ts';
import type { Controller } from '../../kubernetes/controllers/controller.ts';
import { cronJobController } from '../../kubernetes/controllers/cron-job/controller.ts';
import { daemonSetController } from '../../kubernetes/controllers/daemon-set/controller.ts';
import { deploymentController } from '../../kubernetes/controllers/deployment/controller.ts';
import { disruptionBudgetController } from '../../kubernetes/controllers/disruption-budget.ts';
import { endpointsController } from '../../kubernetes/controllers/endpoints/controller.ts';
import { endpointsMirroringController } from '../../kubernetes/controllers/endpoints/mirroring.ts';
import { eventRecorder } from '../../kubernetes/controllers/events.ts';
import { garbageCollector } from '../../kubernetes/controllers/garbage-collector.ts';
import { jobController } from '../../kubernetes/controllers/job/controller.ts';
import { finishedJobsController } from '../../kubernetes/controllers/job/ttl.ts';
import { namespaceController } from '../../kubernetes/controllers/namespace.ts';
import { namespaceDefaultsController } from '../../kubernetes/controllers/namespace-defaults.ts';
import { nodeLifeCycleController } from '../../kubernetes/controllers/nodes/life-cycle.ts';
import { orphanedPodsController } from '../../kubernetes/controllers/nodes/orphaned-pods.ts';
import { podCidrController } from '../../kubernetes/controllers/nodes/pod-cidrs.ts';
import { nodeTtlController } from '../../kubernetes/controllers/nodes/ttl.ts';
import { taintEvictionController } from '../../kubernetes/controllers/nodes/taint-eviction.ts';
import { publishedAuthoritiesController } from '../../kubernetes/controllers/published-authorities.ts';
import { replicaSetController } from '../../kubernetes/controllers/replica-set.ts';
import { resourceQuotaController } from '../../kubernetes/controllers/resource-quota.ts';
import { serviceAccountTokensController } from '../../kubernetes/controllers/service-account-tokens.ts';
import { statefulSetController } from '../../kubernetes/controllers/stateful-set/controller.ts';
import { claimBinder } from '../../kubernetes/controllers/volumes/claims.ts';
import { ephemeralVolumeController } from '../../kubernetes/controllers/volumes/ephemeral.ts';
import { volumePhases } from '../../kubernetes/controllers/volumes/phases.ts';
import { volumeProtection } from '../../kubernetes/controllers/volumes/protection.ts';
import type { Pki } from '../../kubernetes/pki/pki.ts';
import type { Randomness } from '../../kubernetes/randomness.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';

export interface ControllerManagerOptions {
  readonly randomness: Randomness;
  /** The cluster's authorities and keys; without them nothing is signed (a template belongs to no one cluster). */
  readonly pki: Pki | undefined;
  /** PEM of `--root-ca-file`, which every namespace gets; that of `pki` unless said. */
  readonly rootCertificate?: string;
  /** `--allocate-node-cidrs`, which kubeadm sets; upstream's default is false. True unless said. */
  readonly allocateNodeCidrs?: boolean;
}

/** A loop under the names by which `--controllers` turns it on and off; without any it is another program's. */
interface Loop {
  readonly names: readonly string[];
  readonly make: () => Controller;
}

/** kube-controller-manager's loops: those of which one name at least is enabled, which all are unless said. */
export const controllersOf = (
  cluster: Cluster,
  options: ControllerManagerOptions,
  isEnabled: (name: string) => boolean = () => true,
): Controller[] =>
  loopsOf(cluster, options)
    .filter(({ names }) => names.length === 0 || names.some(isEnabled))
    .map(({ make }) => make());

/** The names of the loops that run, as its log tells them. */
export const startedNames = (
  cluster: Cluster,
  options: ControllerManagerOptions,
  isEnabled: (name: string) => boolean,
): readonly string[] => [...new Set(loopsOf(cluster, options).flatMap(({ names }) => names.filter(isEnabled)))];

function loopsOf(cluster: Cluster, options: ControllerManagerOptions): readonly Loop[] {
  const { randomness, pki, rootCertificate = pki?.certificateAuthority, allocateNodeCidrs = true } = options;
  const record = eventRecorder(cluster);
  const row = (names: string, make: () => Controller): Loop => ({ names: names.split(' '), make });
  return [
    row('deployment-controller', () => deploymentController(cluster, record)),
    row('replicaset-controller', () => replicaSetController(cluster, record, cluster.resource('replicasets', 'apps'))),
    row('replicationcontroller-controller', () =>
      replicaSetController(cluster, record, cluster.resource('replicationcontrollers')),
    ),
    row('statefulset-controller', () => statefulSetController(cluster, record)),
    row('daemonset-controller', () => daemonSetController(cluster, record)),
    row('job-controller', () => jobController(cluster, record)),
    row('ttl-after-finished-controller', () => finishedJobsController(cluster)),
    row('cronjob-controller', () => cronJobController(cluster, record)),
    row('endpoints-controller endpointslice-controller', () => endpointsController(cluster, randomness)),
    row('endpointslice-mirroring-controller', () => endpointsMirroringController(cluster, randomness)),
    row('disruption-controller', () => disruptionBudgetController(cluster, record)),
    row('horizontal-pod-autoscaler-controller', () => autoscalerController(cluster, record)),
    row('resourcequota-controller', () => resourceQuotaController(cluster)),
    row('persistentvolume-binder-controller', () => claimBinder(cluster, record)),
    row('ephemeral-volume-controller', () => ephemeralVolumeController(cluster, record)),
    row('persistentvolume-binder-controller', () => volumePhases(cluster, record)),
    row('persistentvolume-protection-controller persistentvolumeclaim-protection-controller', () =>
      volumeProtection(cluster),
    ),
    row('node-lifecycle-controller', () => nodeLifeCycleController(cluster, record)),
    row('taint-eviction-controller', () => taintEvictionController(cluster, record)),
    ...(allocateNodeCidrs ? [row('node-ipam-controller', () => podCidrController(cluster, record))] : []),
    row('ttl-controller', () => nodeTtlController(cluster)),
    row('pod-garbage-collector-controller', () => orphanedPodsController(cluster)),
    row('clusterrole-aggregation-controller', () => clusterRoleAggregationController(cluster)),
    row('validatingadmissionpolicy-status-controller', () => admissionPolicyStatusController(cluster)),
    row('namespace-controller', () => namespaceController(cluster)),
    row('serviceaccount-controller root-ca-certificate-publisher-controller', () =>
      namespaceDefaultsController(cluster, rootCertificate),
    ),
    ...(pki === undefined ? [] : signersOf(cluster, pki)),
    row('garbage-collector-controller', () => garbageCollector(cluster, record)),
  ];
}

/** The loops that hold the cluster's keys. */
function signersOf(cluster: Cluster, pki: Pki): readonly Loop[] {
  return [
    {
      names: ['certificatesigningrequest-signing-controller', 'certificatesigningrequest-approving-controller'],
      make: () => certificateSigningController(cluster, pki),
    },
    { names: ['bootstrap-signer-controller'], make: () => bootstrapSignerController(cluster) },
    {
      names: [], // the API server's own
      make: () =>
        publishedAuthoritiesController(cluster, () => ({
          clients: pki.certificateAuthority,
          frontProxy: pki.file('/etc/kubernetes/pki/front-proxy-ca.crt')?.content ?? '',
        })),
    },
    {
      names: ['serviceaccount-token-controller'],
      make: () =>
        serviceAccountTokensController(cluster, {
          certificateAuthority: pki.certificateAuthority,
          sign: (account, secretName) => legacyIssuer(cluster, pki).legacyToken(account, secretName),
        }),
    },
  ];
}

/** Signs with `--service-account-private-key-file`; made when a token is asked for, as most labs ask for none. */
function legacyIssuer(cluster: Cluster, pki: Pki): TokenIssuer {
  const key = pki.file('/etc/kubernetes/pki/sa.key')?.content;
  const nothing = { issuers: [], keys: [], apiAudiences: [], lookup: false, maxExpirationSeconds: undefined };
  const signingKey = key === undefined ? undefined : createPrivateKey(key);
  return new TokenIssuer({ ...nothing, signingKey, extendExpiration: false }, cluster, () => '');
}
