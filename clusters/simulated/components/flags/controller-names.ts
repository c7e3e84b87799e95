/**
 * The loops of kube-controller-manager, as `--controllers` knows them, with the names that they had before 1.28
 * (cmd/kube-controller-manager/names/controller_names.go, …/app/controller_descriptor.go).
 */
const LOOPS = `
  serviceaccount-token-controller=serviceaccount-token endpoints-controller=endpoint endpointslice-controller=endpointslice
  endpointslice-mirroring-controller=endpointslicemirroring replicationcontroller-controller=replicationcontroller
  pod-garbage-collector-controller=podgc resourcequota-controller=resourcequota namespace-controller=namespace
  serviceaccount-controller=serviceaccount garbage-collector-controller=garbagecollector daemonset-controller=daemonset
  job-controller=job deployment-controller=deployment replicaset-controller=replicaset
  horizontal-pod-autoscaler-controller=horizontalpodautoscaling disruption-controller=disruption statefulset-controller=statefulset
  cronjob-controller=cronjob certificatesigningrequest-signing-controller=csrsigning
  certificatesigningrequest-approving-controller=csrapproving certificatesigningrequest-cleaner-controller=csrcleaner
  podcertificaterequest-cleaner-controller ttl-controller=ttl bootstrap-signer-controller=bootstrapsigner
  token-cleaner-controller=tokencleaner node-ipam-controller=nodeipam node-lifecycle-controller=nodelifecycle
  taint-eviction-controller device-taint-eviction-controller persistentvolume-binder-controller=persistentvolume-binder
  persistentvolume-attach-detach-controller=attachdetach persistentvolume-expander-controller=persistentvolume-expander
  clusterrole-aggregation-controller=clusterrole-aggregation persistentvolumeclaim-protection-controller=pvc-protection
  persistentvolume-protection-controller=pv-protection ttl-after-finished-controller=ttl-after-finished
  root-ca-certificate-publisher-controller=root-ca-cert-publisher kube-apiserver-serving-clustertrustbundle-publisher-controller
  ephemeral-volume-controller=ephemeral-volume storageversion-garbage-collector-controller=storage-version-gc
  resourceclaim-controller=resource-claim-controller
  legacy-serviceaccount-token-cleaner-controller=legacy-service-account-token-cleaner
  validatingadmissionpolicy-status-controller=validatingadmissionpolicy-status service-cidr-controller
  volumeattributesclass-protection-controller storage-version-migrator-controller=storage-version-migrator
  selinux-warning-controller service-lb-controller=service node-route-controller=route
  cloud-node-lifecycle-controller=cloud-node-lifecycle`;

const OFF_BY_DEFAULT = new Set([
  'bootstrap-signer-controller',
  'token-cleaner-controller',
  'selinux-warning-controller',
]);

/** Canonical names by every name there is. */
const CANONICAL: ReadonlyMap<string, string> = new Map(
  LOOPS.trim()
    .split(/\s+/)
    .flatMap((row) => {
      const [name = '', alias = name] = row.split('=');
      return [
        [name, name],
        [alias, name],
      ] as const;
    }),
);

/** What is wrong with `--controllers` (controller-manager/options/generic.go Validate). */
export const controllerProblems = (given: readonly string[]): readonly string[] =>
  given
    .filter((name) => name !== '*')
    .map((name) => name.replace(/^-/, ''))
    .filter((name) => !CANONICAL.has(name))
    .map((name) => `${JSON.stringify(name)} is not in the list of known controllers`);

/** Whether `--controllers` lets a loop run, by its canonical name (controller-manager/app/helper.go IsControllerEnabled). */
export function isControllerEnabled(name: string, given: readonly string[]): boolean {
  for (const one of given) {
    if (CANONICAL.get(one) === name) return true;
    if (one.startsWith('-') && CANONICAL.get(one.slice(1)) === name) return false;
  }
  return given.includes('*') && !OFF_BY_DEFAULT.has(name);
}
