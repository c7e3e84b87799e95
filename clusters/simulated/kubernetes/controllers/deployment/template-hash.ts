import type { PodTemplateSpec } from '../../model/generated/objects.ts';
import { NAME_ALPHABET } from '../../randomness.ts';

export const HASH_LABEL = 'pod-template-hash';

/** A template's text without the hash label, keys in order: equal templates, equal texts. */
export function templateText(template: PodTemplateSpec): string {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  const metadata = { ...template.metadata, labels };
  return JSON.stringify({ ...template, metadata }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/**
 * The hash in a ReplicaSet's name: FNV-1a over the template, its decimal digits in the alphabet of generated names, as
 * controller_utils.go ComputeHash does. Upstream hashes Go's own dump of the struct, so the values differ; their look does not.
 */
export const templateHash = (template: PodTemplateSpec, collisions: number | undefined): string =>
  hashOf(`${templateText(template)}${collisions ?? ''}`);

/** FNV-1a of a text, spelled in the alphabet of generated names (apimachinery/pkg/util/rand SafeEncodeString). */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return Array.from(String(hash), (digit) => digit)
    .map((digit) => NAME_ALPHABET[digit.charCodeAt(0) % NAME_ALPHABET.length])
    .join('');
}
