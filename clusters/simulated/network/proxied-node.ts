/** A node as the network of the cluster knows it. */
export interface ProxiedNode {
  readonly name: string;
  readonly address: string;
  readonly podCIDR: string;
}
