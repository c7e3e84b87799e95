import { isIPv4 } from 'node:net';
import type { Pod } from '../../kubernetes/model/generated/objects.ts';

/** A pod as the rules of the network know it. */
export interface AddressedPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** Of its node. */
  readonly hostAddress: string | undefined;
  readonly ports: readonly NamedPort[];
}

export interface NamedPort {
  readonly name: string;
  readonly protocol: string;
  readonly number: number;
}

/**
 * Pods that have an address of their own: one that shares its node's, or has ended, is nobody on the network. Whatever statuses say, an
 * address is one pod's.
 */
export function addressedPods(pods: readonly Pod[]): readonly AddressedPod[] {
  const found = pods.flatMap(({ metadata, spec, status }): AddressedPod[] => {
    const { podIP = '', hostIP = '', phase } = status;
    if (spec.hostNetwork === true || phase === 'Succeeded' || phase === 'Failed' || !isIPv4(podIP)) return [];
    const containers = [...(spec.containers ?? []), ...sidecars(spec.initContainers)];
    return [
      {
        namespace: metadata.namespace ?? '',
        labels: metadata.labels ?? {},
        address: podIP,
        hostAddress: isIPv4(hostIP) ? hostIP : undefined,
        ports: containers.flatMap(({ ports }) =>
          (ports ?? []).flatMap(({ name, protocol = 'TCP', containerPort }) =>
            name === undefined ? [] : [{ name, protocol, number: containerPort }],
          ),
        ),
      },
    ];
  });
  return [...new Map(found.map((pod) => [pod.address, pod])).values()];
}

/** Init containers that go on running have ports as the others do. */
const sidecars = <T extends { restartPolicy?: string }>(containers: readonly T[] | undefined): readonly T[] =>
  (containers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
