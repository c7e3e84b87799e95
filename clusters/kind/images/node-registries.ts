import type { ImageChoices } from './choices.ts';

/** A file that tells containerd on a node where a registry's mirror is. */
export interface RegistryFile {
  readonly path: string;
  readonly text: string;
}

/**
 * One file a mirrored registry, read anew at every pull. The node images of kind look into this folder.
 * https://github.com/containerd/containerd/blob/main/docs/hosts.md
 */
export const registryFiles = ({ mirrors }: ImageChoices): readonly RegistryFile[] =>
  [...mirrors].map(([registry, mirror]) => {
    const { origin, pathname } = new URL(mirror);
    const prefix = pathname.replace(/\/+$/, '');
    const host = prefix === '' ? origin : `${origin}/v2${prefix}`;
    const lines = [
      `[host."${host}"]`,
      '  capabilities = ["pull", "resolve"]',
      ...(prefix === '' ? [] : ['  override_path = true']),
    ];
    return { path: `/etc/containerd/certs.d/${registry}/hosts.toml`, text: `${lines.join('\n')}\n` };
  });
