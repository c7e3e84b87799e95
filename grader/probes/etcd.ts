import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { type Fact, type Observation, observed, printable } from './observation.ts';

/**
 * Reads a key of etcd as it lies on disk. Fact: see `rawFact`.
 */
export async function observeEtcd(
  probe: Extract<Probe, { kind: 'etcd' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const value = await lab.readEtcd(probe.key);
  signal.throwIfAborted();
  const fact = rawFact(value);
  return observed(fact, `${probe.key}: ${fact.present ? printable(fact.text, 120) : 'absent'}`);
}

export interface RawFact extends Fact {
  readonly present: boolean;
  /** The first 32 bytes as Latin-1; '' when absent. */
  readonly prefix: string;
  /** `k8s:enc:` stands before every value that an encryption provider wrote (apiserver/pkg/storage/value/encrypt). */
  readonly encrypted: boolean;
  /** The printable ASCII of the first 4 KB, the rest as dots. */
  readonly text: string;
}

/**
 * What lies under a key of etcd: `{ present, prefix, encrypted, text }`. `prefix` is the first 32 bytes as Latin-1, '' when absent;
 * `encrypted` tells that an encryption provider wrote it (`k8s:enc:`); `text` is the printable ASCII of the first 4 KB, the rest as dots.
 */
export function rawFact(value: Uint8Array | undefined): RawFact {
  if (value === undefined) return { present: false, prefix: '', encrypted: false, text: '' };
  const latin1 = Buffer.from(value.subarray(0, 4096)).toString('latin1');
  return {
    present: true,
    prefix: latin1.slice(0, 32),
    encrypted: latin1.startsWith('k8s:enc:'),
    text: latin1.replaceAll(/[^ -~]/g, '.'),
  };
}
