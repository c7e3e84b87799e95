import type { PodRequest } from './sandbox.ts';

export interface Cable {
  /** For the network that the pod is plugged into; `{pod}` is the pod's. */
  readonly outside: readonly string[];
  readonly inside: readonly string[];
}

/** The two ends of a pod's cable, for `ip -batch`. */
export function cableOf({ address, plug }: PodRequest, number: number): Cable {
  if (plug === 'none') return { outside: [], inside: ['link set lo up'] };
  const cable = `veth${number.toString(16).padStart(8, '0')}`;
  if ('bridge' in plug) {
    const { name, prefix } = plug.bridge;
    return {
      outside: [`link add ${cable} master ${name} up type veth peer name eth0 netns {pod}`],
      inside: [
        'link set lo up',
        `addr add ${address}/${prefix} dev eth0`,
        'link set eth0 up',
        ...plug.ways.map(([range, via]) => `route add ${range} ${via === undefined ? 'dev eth0' : `via ${via}`}`),
      ],
    };
  }
  // Nothing is on the pod's own link but its node, so that every packet to another pod is forwarded, and filtered, there, as the CNI
  // plugin ptp has it.
  const { gateway } = plug;
  return {
    outside: [
      `link add ${cable} type veth peer name eth0 netns {pod}`,
      `addr add ${gateway}/32 dev ${cable}`,
      `link set ${cable} up`,
      // The kernel takes its time with the network of a pod that has ended: the route to its cable may still be there.
      `route replace ${address}/32 dev ${cable}`,
    ],
    inside: [
      'link set lo up',
      `addr add ${address}/32 dev eth0`,
      'link set eth0 up',
      `route add ${gateway} dev eth0`,
      `route add default via ${gateway} dev eth0`,
    ],
  };
}
