import { z } from 'zod';
import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { kubeRequest, statusMessage } from '../kube/request.ts';
import { subjectOf } from '../kube/subject.ts';
import { type Observation, observed, unobservable } from './observation.ts';

const Review = z.looseObject({ status: z.looseObject({ allowed: z.boolean(), reason: z.string().default('') }) });

/**
 * Asks the API server's authorizers, as the administrator, whether somebody may do something (SubjectAccessReview,
 * kubernetes.io/docs/reference/access-authn-authz/authorization). Authentication is left out: it answers for `system:anonymous` even
 * where nobody can be anonymous.
 * Fact: `{ allowed: boolean, reason: string }`.
 */
export async function observeAccessReview(
  probe: Extract<Probe, { kind: 'access-review' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const { verb, group, resource, subresource, name, namespace } = probe.can;
  const subject = subjectOf(probe.as);
  const answer = await kubeRequest(await lab.kubeAccess('admin'), {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { ...subject, resourceAttributes: { verb, group, resource, subresource, name, namespace } },
    },
    signal,
  });
  const review = Review.safeParse(answer.json);
  if (answer.status !== 201 || !review.success) {
    return unobservable(`the SubjectAccessReview answered ${answer.status}: ${statusMessage(answer)}`);
  }
  const { allowed, reason } = review.data.status;
  const object = `${resource}${subresource === undefined ? '' : `/${subresource}`}${name === undefined ? '' : ` ${name}`}`;
  const place = namespace === undefined ? 'cluster-wide' : `in ${namespace}`;
  return observed(
    { allowed, reason },
    `${subject.user} may ${allowed ? '' : 'not '}${verb} ${object} ${place}. ${reason}`.trim(),
  );
}
