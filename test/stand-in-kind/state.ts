import { join } from 'node:path';

/** Where the stand-in keeps what it has started of a cluster. */
export interface State {
  readonly root: string;
  readonly folder: string;
  readonly kubeconfig: string;
  /** As it was given to `kind create cluster`. */
  readonly config: string;
  /** On the control plane: /etc/kubernetes/pki. */
  readonly pki: string;
  /** On the nodes: /run/stand-in, with the socket behind crictl. */
  readonly sockets: string;
}

export function stateOf(root: string, cluster: string): State {
  const folder = join(root, 'clusters', cluster);
  return {
    root,
    folder,
    kubeconfig: join(folder, 'kubeconfig'),
    config: join(folder, 'config.yaml'),
    pki: join(folder, 'pki'),
    sockets: join(folder, 'sockets'),
  };
}

/** Where the process of control-planes.ts is told what to do. */
export const controlSocket = (root: string): string => join(root, 'control.sock');
