/** What the kubelet's own API needs from the cluster; each is asked on every request. */
export interface KubeletCluster {
  /** The node that it is the kubelet of, with its address in the cluster. */
  readonly node: { readonly name: string; readonly address: string };
  /**
   * Asks for a serving certificate, PEM both ways, and waits until somebody has approved the request. Undefined when it was refused, or
   * the API server did not take it.
   */
  requestServing(request: string, signal: AbortSignal): Promise<string | undefined>;
  /** The node's pods as v1.Pod objects. */
  pods(): Promise<readonly unknown[]>;
  /** TokenReview; undefined for a token that is no good. */
  authenticateToken(token: string): Promise<KubeletUser | undefined>;
  /** SubjectAccessReview over `nodes/<subresource>` of this node. */
  authorize(user: KubeletUser, verb: string, subresource: string): Promise<boolean>;
  /** Runs a command in a container and returns what it wrote; undefined where no such container runs. */
  run(container: ContainerName, argv: readonly string[], signal: AbortSignal): Promise<string | undefined>;
  /** The container's log; undefined where there is no such container. */
  logs(container: ContainerName): Promise<string | undefined>;
}

export interface KubeletUser {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}
