import { z } from 'zod';
import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { type KubeAnswer, kubeRequest, statusMessage } from '../kube/request.ts';
import { discover, resourcePath } from '../kube/resource-path.ts';
import { type Observation, observed, unobservable } from './observation.ts';

const Header = z.looseObject({ apiVersion: z.string(), kind: z.string() });

/**
 * Tries to create an object with server-side dry-run, as an identity.
 * Fact: `{ allowed, code, message, refusedBy }`; `code` is the HTTP status, `refusedBy` is '' when allowed, else `authorization` (RBAC
 * said no), `validation` (the object is malformed) or `admission` (Pod Security, a policy, a quota, a webhook).
 * Unobservable when the request says nothing about admission: no such namespace or kind, the name is taken, not authenticated.
 */
export async function observeAdmission(
  probe: Extract<Probe, { kind: 'admission' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const header = Header.safeParse(probe.manifest);
  if (!header.success) return unobservable('the manifest of the probe lacks apiVersion or kind');
  const { apiVersion, kind } = header.data;
  const found = await discover(await lab.kubeAccess('admin'), apiVersion, kind, signal);
  if (found.outcome === 'unknown') return unobservable(found.reason);

  const path = resourcePath({
    apiVersion,
    resource: found.resource,
    ...(found.namespaced ? { namespace: probe.namespace ?? 'default' } : {}),
  });
  const answer = await kubeRequest(await lab.kubeAccess(probe.as), {
    method: 'POST',
    path: `${path}?dryRun=All&fieldManager=breachlab-grader`,
    body: probe.manifest,
    signal,
  });
  const what = `create ${kind}${probe.namespace === undefined ? '' : ` in ${probe.namespace}`} (dry run)`;
  if (answer.status === 201 || answer.status === 200) {
    return observed({ allowed: true, code: answer.status, message: '', refusedBy: '' }, `${what}: allowed`);
  }
  const message = statusMessage(answer);
  const refusedBy = refuser(answer, message);
  if (refusedBy === undefined) return unobservable(`${what} answered ${answer.status}: ${message}`);
  return observed({ allowed: false, code: answer.status, message, refusedBy }, `${what}: ${answer.status} ${message}`);
}

/**
 * Tells who refused by the words of the API server (staging/src/k8s.io/apiserver, `NewForbidden`, admission/plugin/policy/validating,
 * admission/plugin/webhook); undefined when nobody judged the object.
 */
function refuser({ status }: KubeAnswer, message: string): 'authorization' | 'admission' | 'validation' | undefined {
  if (/denied( the)? request|failed calling webhook/.test(message)) return 'admission';
  if (status === 403) return /cannot create resource/.test(message) ? 'authorization' : 'admission';
  if (status === 400 || status === 422) return 'validation';
  return undefined;
}
