import type { KeyToPath, Pod, Volume } from '../model/generated/objects.ts';
import type { StartContext } from './container-start.ts';

/** Tries to mount are 500 ms apart, doubled up to 2 min 2 s (pkg/util/goroutinemap/exponentialbackoff). Milliseconds. */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 122_000;

/** How long after that many failures the next try is. */
export const mountWait = (failures: number): number => Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LAST_WAIT_MS);

type Source = StartContext['source'];

/** Which volume of a pod cannot be filled, in the words of the kubelet's event; undefined when all can (pkg/volume/{configmap,secret,projected}). */
export function unfilled(pod: Pod, source: Source): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const [first, ...others] = missing(volume, source);
    if (first === undefined) continue;
    const why = others.length === 0 ? first : `[${[first, ...others].join(', ')}]`;
    return `MountVolume.SetUp failed for volume "${volume.name}" : ${why}`;
  }
  return undefined;
}

interface Reference {
  readonly name?: string;
  readonly items?: readonly KeyToPath[] | null;
  readonly optional?: boolean;
}

function missing({ configMap, secret, projected }: Volume, source: Source): string[] {
  const of = (kind: 'configmap' | 'secret', { name = '', items, optional }: Reference): string[] => {
    if (optional === true) return [];
    if (source(kind, name, undefined) === 'absent') return [`${kind} "${name}" not found`];
    const key = (items ?? []).find((item) => source(kind, name, item.key) === 'no such key')?.key;
    if (key === undefined) return [];
    return [`references non-existent ${kind === 'secret' ? 'secret' : 'config'} key: ${key}`];
  };
  return [
    ...(configMap === undefined ? [] : of('configmap', configMap)),
    ...(secret === undefined
      ? []
      : of('secret', { ...secret, ...(secret.secretName === undefined ? {} : { name: secret.secretName }) })),
    ...(projected?.sources ?? []).flatMap((one) => [
      ...(one.configMap === undefined ? [] : of('configmap', one.configMap)),
      ...(one.secret === undefined ? [] : of('secret', one.secret)),
    ]),
  ];
}
