import { type Image, fullName, parseReference, tableName } from '../../images/image.ts';

/** Registries that everybody reaches, whether the lab knows an image of them or not. */
const PUBLIC = ['docker.io', 'registry.k8s.io', 'gcr.io', 'ghcr.io', 'quay.io', 'mcr.microsoft.com', 'public.ecr.aws'];

/**
 * Why an image that is in no registry of the lab cannot be pulled, as containerd 2.1 tells the kubelet: its registry has no such tag, has
 * no such repository, or is not there (core/transfer/local/pull.go, core/remotes/docker/resolver.go; the gRPC code is shown where it
 * is a known one, kubelet's cri-client). `reference` is a valid one.
 */
export function pullFailure(images: readonly Image[], reference: string): string {
  const parsed = parseReference(reference);
  const name = fullName(reference);
  const unpacking = `failed to pull and unpack image "${name}": failed to resolve image: `;
  if (parsed === undefined) return unpacking;
  const { registry } = parsed;
  const isKnown = images.some(({ repository }) => repository === tableName(parsed));
  if (registry === 'docker.io' && !isKnown)
    return `${unpacking}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
  const isThere = PUBLIC.includes(registry) || images.some(({ repository }) => repository.startsWith(`${registry}/`));
  if (isThere) return `rpc error: code = NotFound desc = ${unpacking}${name}: not found`;
  return `${unpacking}failed to do request: Head "${manifestUrl(name)}": ${unreachable(registry)}`;
}

/** Where the manifest of `registry/repository:tag` is asked for; only a registry of the node itself without TLS. */
function manifestUrl(name: string): string {
  const [, registry = '', repository = '', version = ''] = /^([^/]+)\/(.*?)[:@]((?:sha256:)?[^:/]+)$/.exec(name) ?? [];
  return `${isLocal(registry) ? 'http' : 'https'}://${registry}/v2/${repository}/manifests/${version}`;
}

const isLocal = (registry: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+)(:|$)/.test(registry);

function unreachable(registry: string): string {
  const [host = '', port = isLocal(registry) ? '80' : '443'] = registry.split(':');
  if (host === 'localhost') return `dial tcp 127.0.0.1:${port}: connect: connection refused`;
  if (/^[\d.]+$/.test(host)) return `dial tcp ${host}:${port}: connect: connection refused`;
  return `dial tcp: lookup ${host}: no such host`;
}
