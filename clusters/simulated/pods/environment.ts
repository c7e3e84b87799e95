import type { Container, Pod, Service } from '../kubernetes/model/generated/objects.ts';
import { fieldValue, resourceValue } from './field-reference.ts';
import type { PodSources } from './sources.ts';

type Variables = Record<string, string>;

/**
 * A container's environment as the kubelet makes it (pkg/kubelet/kubelet_pods.go makeEnvironmentVariables): envFrom, then env with
 * `$(NAME)` replaced, then the variables of Services that neither has set.
 */
export function environmentOf(pod: Pod, container: Container, sources: PodSources): Variables {
  const namespace = pod.metadata.namespace ?? '';
  const ofServices = serviceVariables(visibleServices(pod, sources));
  const result: Variables = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data =
      configMapRef === undefined
        ? sources.secret(namespace, secretRef?.name ?? '')
        : sources.configMap(namespace, configMapRef.name ?? '');
    for (const [key, value] of data ?? []) result[`${prefix}${key}`] = String(value);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      result[name] = expand(value ?? '', { ...ofServices, ...result });
    } else if (valueFrom.fieldRef !== undefined) {
      result[name] = fieldValue(pod, valueFrom.fieldRef);
    } else if (valueFrom.resourceFieldRef !== undefined) {
      result[name] = resourceValue(pod, container, valueFrom.resourceFieldRef, sources);
    } else {
      const { configMapKeyRef, secretKeyRef } = valueFrom;
      const found =
        configMapKeyRef === undefined
          ? sources.secret(namespace, secretKeyRef?.name ?? '')?.get(secretKeyRef?.key ?? '')
          : sources.configMap(namespace, configMapKeyRef.name ?? '')?.get(configMapKeyRef.key);
      if (found !== undefined) result[name] = String(found); // an optional one that is absent leaves no variable
    }
  }
  return { ...ofServices, ...result };
}

/** `$(NAME)` of a variable that exists is its value, `$$` is `$`, all else stays (third_party/forked/golang/expansion). */
export function expand(text: string, variables: Readonly<Variables>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole: string, what: string, name: string | undefined) =>
    what === '$' ? '$' : (variables[name ?? ''] ?? whole),
  );
}

/** The API's own Service, and unless the pod says otherwise those of its namespace that have an address. */
function visibleServices(pod: Pod, sources: PodSources): readonly Service[] {
  const api = sources.services('default').filter(({ metadata }) => metadata.name === 'kubernetes');
  if (pod.spec.enableServiceLinks === false) return api;
  const own = sources.services(pod.metadata.namespace ?? '').filter(({ metadata }) => metadata.name !== 'kubernetes');
  return [...api, ...own].filter(({ spec }) => spec.clusterIP !== undefined && !['', 'None'].includes(spec.clusterIP));
}

/** pkg/kubelet/envvars/envvars.go FromServices. */
function serviceVariables(services: readonly Service[]): Variables {
  const result: Variables = {};
  for (const { metadata, spec } of services) {
    const name = shouted(metadata.name);
    const address = spec.clusterIP ?? '';
    const [first, ...others] = spec.ports ?? [];
    if (first === undefined) continue;
    result[`${name}_SERVICE_HOST`] = address;
    result[`${name}_SERVICE_PORT`] = String(first.port);
    for (const port of [first, ...others])
      if (port.name !== undefined && port.name !== '')
        result[`${name}_SERVICE_PORT_${shouted(port.name)}`] = String(port.port);
    for (const [i, { port, protocol = 'TCP' }] of [first, ...others].entries()) {
      const url = `${protocol.toLowerCase()}://${address}:${port}`;
      const prefix = `${name}_PORT_${port}_${protocol}`;
      if (i === 0) result[`${name}_PORT`] = url;
      result[prefix] = url;
      result[`${prefix}_PROTO`] = protocol.toLowerCase();
      result[`${prefix}_PORT`] = String(port);
      result[`${prefix}_ADDR`] = address;
    }
  }
  return result;
}

const shouted = (name: string): string => name.toUpperCase().replaceAll('-', '_');
