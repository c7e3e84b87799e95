import type { HostName } from '../../../protocol/host.ts';

/**
 * The images that the kind backend itself needs, by the names that `--image name=ref` takes. Those of a scenario's pods are named by
 * their references (see pod-images.ts).
 */
export const IMAGE_NAMES = ['node', 'node-prepared', 'workstation', 'bastion', 'internet'] as const;

export type ImageName = (typeof IMAGE_NAMES)[number];

/** Made here out of the node image, unless somebody names another. */
export type DerivedImageName = Exclude<ImageName, 'node'>;

export const DERIVED_IMAGES = IMAGE_NAMES.filter((name): name is DerivedImageName => name !== 'node');

/** What has a Dockerfile: the derived ones, and what stands in for pods' images where no registry can be reached. */
export type BuiltImageName = DerivedImageName | 'pod-stand-in';

/**
 * Kubernetes 1.36, the release that the simulated backend models, as it was built for kind 0.33: images of another kind release may not
 * start. https://github.com/kubernetes-sigs/kind/releases/tag/v0.33.0
 */
export const NODE_IMAGE =
  'kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed';

/** Which image a host of a lab is made of. */
export const IMAGE_OF_HOST: Readonly<Record<HostName, DerivedImageName>> = {
  controlplane: 'node-prepared',
  node01: 'node-prepared',
  workstation: 'workstation',
  bastion: 'bastion',
  internet: 'internet',
};
