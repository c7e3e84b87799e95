import { setTimeout as after } from 'node:timers/promises';
import { ZodError } from 'zod';
import { askApi, type ApiAnswer } from '../../api-request.ts';
import { type KubeAccess, LabError, type Manifest } from '../../cluster.ts';
import { ApiDiscovery } from '../cluster/api-discovery.ts';

export interface SeedManifests {
  readonly access: KubeAccess;
  readonly manifests: readonly Manifest[];
  readonly signal: AbortSignal;
  /** How long one object may be put off by a cluster that has yet to settle, and between tries; milliseconds. */
  readonly settle?: { readonly limit: number; readonly pause: number };
}

/** A webhook's pods, a CRD's endpoints and a namespace's ServiceAccount come within seconds, or something is amiss. */
const SETTLE = { limit: 90_000, pause: 500 };

type Attempt = { readonly outcome: 'made' } | { readonly outcome: 'later' | 'refused'; readonly reason: string };

/**
 * Makes the objects in their order, as the administrator. What a cluster refuses only because it has yet to settle is tried again; an
 * object that is there already is brought to what the manifest says. Throws `LabError` for the first that is not to be had.
 */
export async function seedManifests({ access, manifests, signal, settle = SETTLE }: SeedManifests): Promise<void> {
  const discovery = new ApiDiscovery(access);
  for (const manifest of manifests) {
    const until = AbortSignal.timeout(settle.limit);
    for (;;) {
      const attempt = await tried(access, discovery, manifest, signal);
      if (attempt.outcome === 'made') break;
      if (attempt.outcome === 'refused' || until.aborted) throw refusal(manifest, attempt);
      await after(settle.pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

async function tried(
  access: KubeAccess,
  discovery: ApiDiscovery,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const paths = await discovery.pathsOf(manifest, signal);
    if (paths === undefined) return { outcome: 'later', reason: 'the cluster does not serve that kind' };
    const answer = await askApi(access, { method: 'POST', path: paths.collection, body: manifest, signal });
    if (answer.status !== 409 || paths.object === undefined || reasonOf(answer) !== 'AlreadyExists')
      return judged(answer);
    return judged(
      await askApi(access, {
        method: 'PATCH',
        path: paths.object,
        body: manifest,
        contentType: 'application/merge-patch+json',
        signal,
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ZodError) return { outcome: 'refused', reason: error.message };
    return { outcome: 'later', reason: error instanceof Error ? error.message : String(error) };
  }
}

const reasonOf = ({ body }: ApiAnswer): string => (body as { reason?: string }).reason ?? '';

/**
 * 404: its namespace is still to come. 409: a conflict of two writers. 403 without a ServiceAccount or while a webhook's own pods come
 * (plugin/pkg/admission/serviceaccount, apiserver/pkg/admission/plugin/webhook), 429 and 5xx: the server is not ready.
 */
function judged(answer: ApiAnswer): Attempt {
  const { status, body } = answer;
  if (status < 300) return { outcome: 'made' };
  const reason = (body as { message?: string }).message ?? `status ${status}`;
  const unsettled =
    status === 403 && /error looking up service account|failed calling webhook|not yet ready/.test(reason);
  const later = unsettled || status === 404 || status === 409 || status === 429 || status >= 500;
  return { outcome: later ? 'later' : 'refused', reason };
}

function refusal(manifest: Manifest, { outcome, reason }: { outcome: 'later' | 'refused'; reason: string }): LabError {
  const { kind = '?', metadata } = manifest as { kind?: string; metadata?: { namespace?: string; name?: string } };
  const name = [metadata?.namespace, metadata?.name].filter((part) => part !== undefined).join('/');
  return outcome === 'refused'
    ? new LabError(`The cluster refuses ${kind} ${name} of the seed: ${reason}`, 'Mend the scenario’s seed/manifests.')
    : new LabError(
        `The cluster did not take ${kind} ${name} of the seed in time: ${reason}`,
        'Try again; if it comes back, look whether this machine has the memory: ./breachlab doctor --backend kind.',
      );
}
