import type { Container, Lifecycle, PodSpec, PodTemplateSpec, Probe, Volume } from '../../model/generated/objects.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { defaultProtocol, fill } from './fill.ts';

/**
 * Fills a pod's spec in place as pkg/apis/core/v1/defaults.go and zz_generated.defaults.go (SetObjectDefaults_Pod) do.
 * Templates of workloads get the same, but for what only a pod has (`ofPod`).
 */
export function defaultPodSpec(spec: PodSpec, { ofPod = false } = {}): void {
  dropDisabledFields(spec);
  fill(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
  });
  spec.securityContext ??= {};
  if (ofPod) spec.enableServiceLinks ??= true;
  // The old name of the field is kept equal to the new one (pkg/apis/core/v1/conversion.go).
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) fill(spec, { serviceAccountName: account, serviceAccount: account });
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  for (const container of containers) {
    defaultContainer(container);
    if (ofPod && spec.hostNetwork === true) {
      for (const port of container.ports ?? []) fill(port, { hostPort: port.containerPort });
    }
  }
}

export function defaultTemplate(template: PodTemplateSpec | undefined): void {
  if (template === undefined) return;
  template.metadata ??= {};
  if (template.spec !== undefined) defaultPodSpec(template.spec);
}

/** Requests that were not given are the limits (SetDefaults_Pod); templates are left alone. */
export function defaultRequests(spec: PodSpec): void {
  for (const { resources } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (resources?.limits === undefined) continue;
    const missing = Object.keys(resources.limits).some((name) => resources.requests?.[name] === undefined);
    // What is complete may be the frozen spec of the stored pod, when only its status is written.
    if (missing) resources.requests = { ...resources.limits, ...resources.requests };
  }
}

/** `latest`, or no tag at all, is pulled always. A digest alone counts as a tag of its own (parsers.ParseImageName). */
function pullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  const reference = image ?? '';
  if (reference.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(reference)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultContainer(container: Container): void {
  fill(container, {
    imagePullPolicy: pullPolicy(container.image),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  container.resources ??= {};
  for (const port of container.ports ?? []) defaultProtocol(port);
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) fill(valueFrom.fieldRef, { apiVersion: 'v1' });
    if (valueFrom?.resourceFieldRef !== undefined) fill(valueFrom.resourceFieldRef, { divisor: '0' });
    if (valueFrom?.fileKeyRef !== undefined) fill(valueFrom.fileKeyRef, { optional: false });
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) defaultProbe(probe);
  defaultLifecycle(container.lifecycle);
}

function defaultProbe(probe: Probe | undefined): void {
  if (probe === undefined) return;
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  if (probe.httpGet !== undefined) fill(probe.httpGet, { path: '/', scheme: 'HTTP' });
  if (probe.grpc !== undefined) fill(probe.grpc, { service: '' });
}

function defaultLifecycle(lifecycle: Lifecycle | undefined): void {
  for (const handler of [lifecycle?.postStart, lifecycle?.preStop]) {
    if (handler?.httpGet !== undefined) fill(handler.httpGet, { path: '/', scheme: 'HTTP' });
  }
}

/** 0644, the mode of files in secret, configMap, downwardAPI and projected volumes. */
const FILE_MODE = 0o644;

function defaultVolume(volume: Volume): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume.emptyDir = {};
  if (volume.secret !== undefined) fill(volume.secret, { defaultMode: FILE_MODE });
  if (volume.configMap !== undefined) fill(volume.configMap, { defaultMode: FILE_MODE });
  if (volume.hostPath !== undefined) fill(volume.hostPath, { type: '' });
  if (volume.image !== undefined) {
    fill(volume.image, { pullPolicy: pullPolicy(volume.image.reference) });
  }
  if (volume.iscsi !== undefined) fill(volume.iscsi, { iscsiInterface: 'default' });
  if (volume.downwardAPI !== undefined) {
    fill(volume.downwardAPI, { defaultMode: FILE_MODE });
    for (const { fieldRef } of volume.downwardAPI.items ?? [])
      if (fieldRef !== undefined) fill(fieldRef, { apiVersion: 'v1' });
  }
  if (volume.projected !== undefined) {
    fill(volume.projected, { defaultMode: FILE_MODE });
    for (const { serviceAccountToken, downwardAPI } of volume.projected.sources ?? []) {
      if (serviceAccountToken !== undefined) fill(serviceAccountToken, { expirationSeconds: 3600 });
      for (const { fieldRef } of downwardAPI?.items ?? [])
        if (fieldRef !== undefined) fill(fieldRef, { apiVersion: 'v1' });
    }
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim !== undefined) fill(claim, { volumeMode: 'Filesystem' });
}
