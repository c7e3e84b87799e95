import { type FlagNames, flagTypes, type KnownFlags } from '../../kubernetes/flags/table.ts';
import { SHARED_EFFECTS, SHARED_FLAGS } from './shared-flags.ts';

/** The flags of kube-scheduler or kube-controller-manager. */
export interface ProgramFlags extends KnownFlags {
  /** Where it serves unless told otherwise. */
  readonly port: number;
  /** As pflag says of those on their way out, when they are given. */
  readonly deprecated: Readonly<Record<string, string>>;
}

/** https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/ */
const OF_SCHEDULER: FlagNames = {
  string: 'config write-config-to',
  duration: 'pod-max-in-unschedulable-pods-duration',
};

export const SCHEDULER_FLAGS: ProgramFlags = {
  program: 'kube-scheduler',
  port: 10_259,
  flags: flagTypes(SHARED_FLAGS, OF_SCHEDULER),
  effective: new Set(`${SHARED_EFFECTS} config`.split(/\s+/)),
  deprecated: {
    'pod-max-in-unschedulable-pods-duration':
      'This flag is deprecated and will be removed in a future version. See https://github.com/kubernetes/kubernetes/issues/110175 for the details.',
  },
};

/** https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/ */
const OF_CONTROLLER_MANAGER: FlagNames = {
  string: `cidr-allocator-type cloud-config cloud-provider cluster-cidr cluster-name cluster-signing-cert-file cluster-signing-key-file
    cluster-signing-kube-apiserver-client-cert-file cluster-signing-kube-apiserver-client-key-file
    cluster-signing-kubelet-client-cert-file cluster-signing-kubelet-client-key-file cluster-signing-kubelet-serving-cert-file
    cluster-signing-kubelet-serving-key-file cluster-signing-legacy-unknown-cert-file cluster-signing-legacy-unknown-key-file
    external-cloud-volume-plugin flex-volume-plugin-dir leader-migration-config pv-recycler-pod-template-filepath-hostpath
    pv-recycler-pod-template-filepath-nfs root-ca-file service-account-private-key-file service-cluster-ip-range`,
  strings: 'controllers',
  bool: `allocate-node-cidrs configure-cloud-routes disable-attach-detach-reconcile-sync disable-force-detach-on-timeout
    enable-dynamic-provisioning enable-garbage-collector enable-hostpath-provisioner enable-leader-migration
    use-service-account-credentials`,
  int32: `concurrent-cron-job-syncs concurrent-daemonset-syncs concurrent-deployment-syncs concurrent-device-taint-eviction-syncs
    concurrent-endpoint-syncs concurrent-ephemeralvolume-syncs concurrent-gc-syncs concurrent-horizontal-pod-autoscaler-syncs
    concurrent-job-syncs concurrent-namespace-syncs concurrent-rc-syncs concurrent-replicaset-syncs concurrent-resource-claim-syncs
    concurrent-resource-quota-syncs concurrent-service-endpoint-syncs concurrent-service-syncs concurrent-serviceaccount-token-syncs
    concurrent-statefulset-syncs concurrent-ttl-after-finished-syncs concurrent-validating-admission-policy-status-syncs
    large-cluster-size-threshold max-endpoints-per-slice mirroring-concurrent-service-endpoint-syncs
    mirroring-max-endpoints-per-subset node-cidr-mask-size node-cidr-mask-size-ipv4 node-cidr-mask-size-ipv6
    pv-recycler-increment-timeout-nfs pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs
    pv-recycler-timeout-increment-hostpath terminated-pod-gc-threshold`,
  float: 'horizontal-pod-autoscaler-tolerance node-eviction-rate secondary-node-eviction-rate unhealthy-zone-threshold',
  duration: `attach-detach-reconcile-sync-period cluster-signing-duration controller-shutdown-timeout controller-start-interval
    endpoint-updates-batch-period endpointslice-updates-batch-period horizontal-pod-autoscaler-cpu-initialization-period
    horizontal-pod-autoscaler-downscale-stabilization horizontal-pod-autoscaler-initial-readiness-delay
    horizontal-pod-autoscaler-sync-period legacy-service-account-token-clean-up-period min-resync-period
    mirroring-endpointslice-updates-batch-period namespace-sync-period node-monitor-grace-period node-monitor-period
    node-startup-grace-period pvclaimbinder-sync-period resource-quota-sync-period route-reconciliation-period`,
};

export const CONTROLLER_MANAGER_FLAGS: ProgramFlags = {
  program: 'kube-controller-manager',
  port: 10_257,
  flags: flagTypes(SHARED_FLAGS, OF_CONTROLLER_MANAGER),
  effective: new Set(
    `${SHARED_EFFECTS} cluster-signing-cert-file cluster-signing-key-file controllers root-ca-file
     service-account-private-key-file`.split(/\s+/),
  ),
  deprecated: {},
};
