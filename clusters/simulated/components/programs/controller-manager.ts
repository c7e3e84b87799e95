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

/** kube-controller-manager's loops. */
export function controllersOf(cluster: Cluster, options: ControllerManagerOptions): Controller[] {
  const { randomness, pki, rootCertificate = pki?.certificateAuthority, allocateNodeCidrs = true } = options;
  const record = eventRecorder(cluster);
  return [
    deploymentController(cluster, record),
    replicaSetController(cluster, record, cluster.resource('replicasets', 'apps')),
    replicaSetController(cluster, record, cluster.resource('replicationcontrollers')),
    statefulSetController(cluster, record),
    daemonSetController(cluster, record),
    jobController(cluster, record),
    finishedJobsController(cluster),
    cronJobController(cluster, record),
    endpointsController(cluster, randomness),
    endpointsMirroringController(cluster, randomness),
    disruptionBudgetController(cluster, record),
    autoscalerController(cluster, record),
    resourceQuotaController(cluster),
    claimBinder(cluster, record),
    ephemeralVolumeController(cluster, record),
    volumePhases(cluster, record),
    volumeProtection(cluster),
    nodeLifeCycleController(cluster, record),
    taintEvictionController(cluster, record),
    ...(allocateNodeCidrs ? [podCidrController(cluster, record)] : []),
    nodeTtlController(cluster),
    orphanedPodsController(cluster),
    clusterRoleAggregationController(cluster),
    admissionPolicyStatusController(cluster),
    namespaceController(cluster),
    namespaceDefaultsController(cluster, rootCertificate),
    ...(pki === undefined ? [] : signersOf(cluster, pki)),
    garbageCollector(cluster, record),
  ];
}

/** The loops that hold the cluster's keys. */
function signersOf(cluster: Cluster, pki: Pki): Controller[] {
  return [
    certificateSigningController(cluster, pki),
    bootstrapSignerController(cluster),
    publishedAuthoritiesController(cluster, () => ({
      clients: pki.certificateAuthority,
      frontProxy: pki.file('/etc/kubernetes/pki/front-proxy-ca.crt')?.content ?? '',
    })),
    serviceAccountTokensController(cluster, {
      certificateAuthority: pki.certificateAuthority,
      sign: (account, secretName) => legacyIssuer(cluster, pki).legacyToken(account, secretName),
    }),
  ];
}

/** Signs with `--service-account-private-key-file`; made when a token is asked for, as most labs ask for none. */
function legacyIssuer(cluster: Cluster, pki: Pki): TokenIssuer {
  const key = pki.file('/etc/kubernetes/pki/sa.key')?.content;
  const nothing = { issuers: [], keys: [], apiAudiences: [], lookup: false, maxExpirationSeconds: undefined };
  const signingKey = key === undefined ? undefined : createPrivateKey(key);
  return new TokenIssuer({ ...nothing, signingKey, extendExpiration: false }, cluster, () => '');
}
