import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { listObjects, nameOf } from '../kube/list.ts';
import { type Observation, observed, unobservable } from './observation.ts';

/** Paths that a fact names; more of them teach nothing. */
const FOUND_LIMIT = 50;

/**
 * Looks for a text in every string of listed objects, keys and annotations too, as it is, in base64 and in hexadecimal, also as a part of something longer.
 * Fact: `{ found: string[], scanned: number }`; `found` names places, for instance `configmaps shop/app .data.URL`, never the text.
 */
export async function observeLeakScan(
  probe: Extract<Probe, { kind: 'leak-scan' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const access = await lab.kubeAccess('admin');
  const forms = [probe.secret, ...base64Forms(probe.secret), ...hexForms(probe.secret)];
  const found: string[] = [];
  let scanned = 0;
  for (const path of probe.lists) {
    const list = await listObjects(access, path, signal);
    if (list.outcome === 'not-listed') return unobservable(list.reason);
    const resource = path.split('?')[0]?.split('/').at(-1) ?? path;
    for (const item of list.items) {
      scanned += 1;
      for (const place of placesOf(item, forms))
        if (found.length < FOUND_LIMIT) found.push(`${resource} ${nameOf(item)} ${place}`);
    }
  }
  return observed({ found, scanned }, `${scanned} objects scanned; found in: ${found.join(', ') || 'none'}`);
}

/**
 * What base64 makes of a text wherever it stands in a longer one: three texts, by how many of its neighbour's bytes share its first
 * group. The characters at both ends depend on the neighbours and are left out.
 */
export function base64Forms(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    return whole.slice(first, last);
  });
}

/** As `xxd -p` and as others write it. */
function hexForms(text: string): readonly string[] {
  const hex = Buffer.from(text).toString('hex');
  return [hex, hex.toUpperCase()];
}

/** Where in a JSON value one of the texts occurs, as `.a.b[0]`. */
export function placesOf(value: unknown, texts: readonly string[], at = ''): readonly string[] {
  if (typeof value === 'string') return texts.some((text) => value.includes(text)) ? [at] : [];
  if (Array.isArray(value)) return value.flatMap((inner, i) => placesOf(inner, texts, `${at}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!texts.some((text) => key.includes(text))) return placesOf(inner, texts, `${at}.${key}`);
    return [`${at} (a key)`, ...placesOf(inner, texts, `${at}.(a key)`)]; // a place must not show the text
  });
}
