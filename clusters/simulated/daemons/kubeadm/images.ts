import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import { lastOption } from '../command-line.ts';
import type { KubeadmCall } from './kubeadm-call.ts';

const imagesOf = (release: string): readonly string[] => [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name) => `${name}:${release}`),
  `coredns/coredns:${RELEASE.coredns}`,
  `pause:${RELEASE.pause}`,
  `etcd:${RELEASE.etcd}`,
];

const wanted = ({ options, release }: KubeadmCall): readonly string[] => {
  const repository = lastOption(options, 'image-repository') ?? 'registry.k8s.io';
  return imagesOf(lastOption(options, 'kubernetes-version') ?? release).map((image) => `${repository}/${image}`);
};

/** `kubeadm config images list` (cmd/kubeadm/app/images/images.go). */
export async function listImages(request: KubeadmCall): Promise<number> {
  await request.call.stdout(
    wanted(request)
      .map((image) => `${image}\n`)
      .join(''),
  );
  return 0;
}
