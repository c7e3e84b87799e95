/** What kubeadm says before it ends in error, without the `error: ` before it. */
export class KubeadmError extends Error {
  override readonly name = 'KubeadmError';
}
