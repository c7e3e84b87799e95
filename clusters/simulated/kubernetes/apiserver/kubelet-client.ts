import type { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '../object.ts';
import type { UserInfo } from '../authentication/user.ts';

/**
 * What the API server asks of a node's kubelet for the subresources of a pod that it only passes on
 * (pkg/registry/core/pod/rest/{log,subresources}.go). Authentication, authorization and CONNECT admission are done already.
 */
export interface KubeletClient {
  /** `GET …/log`. Resolves with plain text, streamed when `follow` is set; throws `ApiError` (400 for a container that waits to start). */
  log(pod: KubeObject, options: LogOptions, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /**
   * `exec`, `attach` and `portforward`: the raw upgraded connection; the client answers the handshake itself, after it has called
   * `accept`. Before that it may throw `ApiError`.
   */
  upgrade(pod: KubeObject, call: UpgradeCall): Promise<void>;
}

export interface LogOptions {
  /** Chosen already: the only container, or the one of the annotation kubectl.kubernetes.io/default-container. */
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  /** RFC 3339. */
  readonly sinceTime: string | undefined;
  readonly limitBytes: number | undefined;
}

export interface UpgradeCall {
  readonly subresource: 'exec' | 'attach' | 'portforward';
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  readonly request: IncomingMessage;
  /** Takes the connection over: from then on nothing else is answered on it. */
  readonly accept: () => void;
  readonly socket: Duplex;
  /** Bytes that came with the request's head. */
  readonly head: Buffer;
}
