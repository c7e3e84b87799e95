import { createHash } from 'node:crypto';

/** The chains of one port of a Service (pkg/proxy/iptables/proxier.go portProtoHash, servicePortEndpointChainName). */
export interface ChainNames {
  /** Leads to any of its endpoints. */
  readonly cluster: string;
  /** Leads to its endpoints on this node. */
  readonly local: string;
  /** For who comes from outside of the cluster. */
  readonly external: string;
  /** For who comes by a load balancer that does not let everybody in. */
  readonly firewall: string;
  readonly endpoint: (addressAndPort: string) => string;
}

/** `port` is a Service's port in full, `namespace/name:port`. */
export function chainNames(port: string, protocol: string): ChainNames {
  const hash = hashOf(port + protocol);
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
    endpoint: (to) => `KUBE-SEP-${hashOf(port + protocol + to)}`,
  };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first 16 characters of the SHA-256 in base32 (RFC 4648, 6): 80 bits. */
function hashOf(text: string): string {
  const bits = createHash('sha256').update(text).digest().subarray(0, 10).toString('hex');
  let number = BigInt(`0x${bits}`);
  let name = '';
  for (let i = 0; i < 16; i++) {
    name = ALPHABET.charAt(Number(number & 31n)) + name;
    number >>= 5n;
  }
  return name;
}
