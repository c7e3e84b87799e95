import { RELEASE } from '../kubernetes/bootstrap/release.ts';

/** Tags that registries have (hub.docker.com, registry.k8s.io): of each image those that exercises and manifests use, not all of them. */

const minors = (first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `1.${first + index}`);

const withAlpine = (tags: readonly string[]): readonly string[] => tags.flatMap((tag) => [tag, `${tag}-alpine`]);

export const NGINX_TAGS: readonly string[] = [
  'latest',
  'stable',
  'mainline',
  'alpine',
  'stable-alpine',
  'mainline-alpine',
  ...withAlpine(minors(14, 29)),
  ...withAlpine(['1.14.2', '1.16.1', '1.18.0', '1.19.10', '1.20.2', '1.21.6', '1.22.1', '1.23.4', '1.24.0', '1.25.5']),
  ...withAlpine(['1.26.3', '1.27.0', '1.27.5', '1.28.0']),
  '1.16.0',
  '1.17.0',
  '1.19.0',
  '1.19.1',
  '1.19.2',
  '1.20.0',
  '1.21.0',
  '1.25.0',
  '1.25.3',
  '1.27.1',
  '1.27.3',
];

export const HTTPD_TAGS: readonly string[] = [
  'latest',
  'alpine',
  ...withAlpine(['2', '2.4', '2.4.39', '2.4.41', '2.4.62']),
];

export const POSTGRES_TAGS: readonly string[] = [
  'latest',
  'alpine',
  ...withAlpine(['12', '13', '14', '15', '16', '17']),
  '16.4',
];

export const REDIS_TAGS: readonly string[] = [
  'latest',
  'alpine',
  ...withAlpine(['5', '6', '6.2', '7', '7.0', '7.2', '7.4', '7.4.1']),
];

export const BUSYBOX_TAGS: readonly string[] = [
  'latest',
  'stable',
  'glibc',
  'musl',
  '1',
  ...minors(28, 37),
  '1.28.4',
  '1.31.1',
  '1.35.0',
  '1.36.1',
  '1.37.0',
];

export const UBUNTU_TAGS: readonly string[] = [
  'latest',
  '18.04',
  'bionic',
  '20.04',
  'focal',
  '22.04',
  'jammy',
  '24.04',
  'noble',
];

export const DEBIAN_TAGS: readonly string[] = [
  'latest',
  'stable',
  ...['10', 'buster', '11', 'bullseye', '12', 'bookworm', '13', 'trixie'].flatMap((tag) => [tag, `${tag}-slim`]),
  'stable-slim',
];

/** Of Kubernetes' own programs. */
export const KUBERNETES_TAGS: readonly string[] = [
  'v1.30.0',
  'v1.31.0',
  'v1.32.0',
  'v1.33.0',
  'v1.34.0',
  'v1.35.0',
  'v1.36.0',
  RELEASE.kubernetes,
];

export const PAUSE_TAGS: readonly string[] = ['3.6', '3.7', '3.8', '3.9', '3.10', '3.10.1'];

export const AGNHOST_TAGS: readonly string[] = ['2.39', '2.40', '2.43', '2.45', '2.47', '2.52', '2.53'];

export const CURL_TAGS: readonly string[] = [
  'latest',
  '8.1.2',
  '8.5.0',
  '8.8.0',
  '8.10.1',
  '8.11.1',
  '8.12.1',
  '8.16.0',
];

const withVariants = (versions: readonly string[], variants: readonly string[]): readonly string[] =>
  versions.flatMap((version) => [version, ...variants.map((variant) => `${version}-${variant}`)]);

export const PYTHON_TAGS: readonly string[] = [
  'latest',
  ...withVariants(['3', '3.9', '3.10', '3.11', '3.12', '3.13'], ['slim', 'alpine', 'bookworm', 'slim-bookworm']),
];

export const NODE_TAGS: readonly string[] = [
  'latest',
  'lts',
  'alpine',
  ...withVariants(['18', '20', '22', '24'], ['slim', 'alpine', 'bookworm', 'bookworm-slim']),
];

export const GOLANG_TAGS: readonly string[] = [
  'latest',
  'alpine',
  ...withVariants(minors(20, 25), ['alpine', 'bookworm']),
];
