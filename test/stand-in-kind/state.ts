import { join } from 'node:path';

/** Where the stand-in keeps what it has started. */
export interface State {
  readonly root: string;
  /** Of that cluster. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** Of the API server's process. */
  readonly pid: string;
  /** What it complains of. */
  readonly log: string;
  /** On the control plane: /etc/kubernetes/pki. */
  readonly pki: string;
  /** On the nodes: /run/stand-in, with the socket behind crictl. */
  readonly sockets: string;
}

export function stateOf(root: string, cluster: string): State {
  const folder = join(root, cluster);
  return {
    root,
    folder,
    kubeconfig: join(folder, 'kubeconfig'),
    pid: join(folder, 'pid'),
    log: join(folder, 'log'),
    pki: join(folder, 'pki'),
    sockets: join(folder, 'sockets'),
  };
}
