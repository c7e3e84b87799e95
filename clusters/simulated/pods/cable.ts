import type { PodRequest } from './sandbox.ts';

/** The two ends of a pod's cable, for `ip -batch`; `{pod}` is the pod's. */
export function cableOf(
  { address, gateway, bridge }: PodRequest,
  number: number,
): { outside: string[]; inside: string[] } {
  if (bridge === 'none') return { outside: [], inside: ['link set lo up'] };
  if (bridge !== undefined)
    return {
      outside: [`link add veth${number} master ${bridge.name} up type veth peer name eth0 netns {pod}`],
      inside: [
        'link set lo up',
        `addr add ${address}/${bridge.prefix} dev eth0`,
        'link set eth0 up',
        `route add default via ${gateway}`,
      ],
    };
  // Nothing is on the pod's own link but the router, so that every packet to another pod is forwarded, and filtered, there.
  const cable = `pod${number}`;
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
      `route add ${gateway} dev eth0 scope link`,
      `route add default via ${gateway} dev eth0`,
    ],
  };
}
