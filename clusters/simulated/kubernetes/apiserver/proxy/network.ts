import type { Duplex } from 'node:stream';
import type { KubeObject } from '../../object.ts';

/** How the API server reaches what it passes requests on to. Both reject in Go's words: `dial tcp 10.244.1.5:80: connect: connection refused`. */
export interface ProxyNetwork {
  /** A port of a pod, in its own network or its node's. */
  pod(pod: KubeObject, port: number, signal: AbortSignal): Promise<Duplex>;
  /** A port of a machine. Absent in a cluster without machines. */
  readonly machine?: (address: string, port: number, signal: AbortSignal) => Promise<Duplex>;
}

/** How the API server shows itself to kubelets (`--kubelet-client-certificate` and its like): PEM, undefined where it does not. */
export interface KubeletTls {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly certificateAuthority: string | undefined;
}
