import { randomUUID } from 'node:crypto';
import { JsonPatchError, patchInPlace, type JsonOperation } from '../../apiserver/patch/json-operations.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Dial } from '../../callout/https-call.ts';
import type { KubeObject } from '../../object.ts';
import { ApiError } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { isAdmissionConfiguration } from '../policies/match.ts';
import { callWebhook, wants, webhookDenial, type ReviewResponse, type Webhook } from './call.ts';

const GROUP = 'admissionregistration.k8s.io';

/** All webhooks of a kind of configuration, by the configuration's name, then in its order. */
const hooksOf = (cluster: Cluster, plural: string): Webhook[] =>
  cluster
    .list(cluster.resource(plural, GROUP))
    .flatMap((configuration) => (configuration['webhooks'] as Webhook[] | undefined) ?? []);

function note(request: AdmissionRequest, hook: Webhook, response: ReviewResponse): void {
  for (const warning of response.warnings ?? []) request.warn(warning);
  for (const [key, value] of Object.entries(response.auditAnnotations ?? {}))
    request.annotate(`${hook.name}/${key}`, value);
}

/** apiserver/pkg/admission/plugin/webhook/validating: all matching ones are asked at once, the first denial in order holds. */
export const validatingAdmissionWebhook = (dial: Dial, authorizer: Authorizer): AdmissionPlugin => ({
  name: 'ValidatingAdmissionWebhook',
  validate(request, cluster) {
    if (isAdmissionConfiguration(request)) return undefined;
    const hooks = hooksOf(cluster, 'validatingwebhookconfigurations').filter((hook) =>
      wants(hook, request, cluster, authorizer),
    );
    return hooks.length === 0 ? undefined : askAll(hooks, request, cluster, dial);
  },
});

interface Parts {
  readonly cluster: Cluster;
  readonly dial: Dial;
  readonly authorizer: Authorizer;
}

async function askAll(
  hooks: readonly Webhook[],
  request: AdmissionRequest,
  cluster: Cluster,
  dial: Dial,
): Promise<void> {
  const answers = await Promise.allSettled(
    hooks.map((hook) => callWebhook(hook, request, cluster, { dial, uid: randomUUID() })),
  );
  for (const [at, answer] of answers.entries()) {
    const hook = hooks[at];
    if (hook === undefined) continue;
    if (answer.status === 'rejected') throw answer.reason;
    if (answer.value === undefined) continue;
    note(request, hook, answer.value);
    if (answer.value.allowed !== true) throw webhookDenial(hook, answer.value);
  }
}

/** apiserver/pkg/admission/plugin/webhook/mutating: one after another, each sees what the ones before it did. */
export const mutatingAdmissionWebhook = (dial: Dial, authorizer: Authorizer): AdmissionPlugin => ({
  name: 'MutatingAdmissionWebhook',
  mutate(request, cluster) {
    if (isAdmissionConfiguration(request)) return undefined;
    const hooks = hooksOf(cluster, 'mutatingwebhookconfigurations');
    return hooks.length === 0 ? undefined : askInTurn(hooks, request, { cluster, dial, authorizer });
  },
});

/** Whoever was asked before a later one changed the object and wants to see it again is asked once more (mutating/reinvocationcontext.go). */
async function askInTurn(hooks: readonly Webhook[], request: AdmissionRequest, parts: Parts): Promise<void> {
  const asked: Webhook[] = [];
  const again = new Set<Webhook>();
  for (const hook of hooks) {
    if (!wants(hook, request, parts.cluster, parts.authorizer)) continue;
    if (await askToChange(hook, request, parts)) for (const earlier of asked) again.add(earlier);
    if (hook.reinvocationPolicy === 'IfNeeded') asked.push(hook);
  }
  for (const hook of again) {
    if (wants(hook, request, parts.cluster, parts.authorizer)) await askToChange(hook, request, parts);
  }
}

/** Returns whether the webhook changed the object. */
async function askToChange(hook: Webhook, request: AdmissionRequest, { cluster, dial }: Parts): Promise<boolean> {
  const response = await callWebhook(hook, request, cluster, { dial, uid: randomUUID() });
  if (response === undefined) return false;
  note(request, hook, response);
  if (response.allowed !== true) throw webhookDenial(hook, response);
  if (response.patch === undefined || request.object === undefined) return false;
  const before = JSON.stringify(request.object);
  patch(request.object, response.patch);
  return JSON.stringify(request.object) !== before;
}

/** Whatever is wrong with a patch is an internal error in the words of the patch library (mutating/dispatcher.go). */
function patch(object: KubeObject, encoded: string): void {
  try {
    const operations = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as unknown;
    if (!Array.isArray(operations))
      throw new JsonPatchError('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
    patchInPlace(object, operations as JsonOperation[]);
  } catch (error) {
    if (!(error instanceof JsonPatchError) && !(error instanceof SyntaxError)) throw error;
    const causes = [{ message: error.message } as { reason: string; message: string }];
    throw new ApiError(500, 'InternalError', `Internal error occurred: ${error.message}`, { causes });
  }
}
