import { randomUUID } from 'node:crypto';
import { JsonPatchError, patchInPlace, type JsonOperation } from '../../apiserver/patch/json-operations.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Dial } from '../../callout/https-call.ts';
import type { KubeObject } from '../../object.ts';
import { ApiError } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { takeBack } from '../policies/equivalent.ts';
import { isAdmissionConfiguration } from '../policies/match.ts';
import type { Reinvocation } from '../reinvocation.ts';
import { callError, callWebhook, wants, webhookDenial, type ReviewResponse, type Webhook } from './call.ts';

const GROUP = 'admissionregistration.k8s.io';

/** A webhook with what it is called in annotations and in the second run: no two are alike. */
interface Listed {
  readonly hook: Webhook;
  readonly configuration: string;
  readonly key: string;
}

/** All webhooks of a kind of configuration, by the configuration's name, then in its order. */
const hooksOf = (cluster: Cluster, plural: string): Listed[] =>
  cluster.list(cluster.resource(plural, GROUP)).flatMap(({ metadata: { name: configuration }, webhooks }) =>
    ((webhooks as Webhook[] | undefined) ?? []).map((hook, at) => ({
      hook,
      configuration,
      key: `${configuration}/${hook.name}/${at}`,
    })),
  );

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
    const asked = hooksOf(cluster, 'validatingwebhookconfigurations').flatMap(({ hook }) => {
      const shown = wants(hook, request, cluster, authorizer);
      return shown === undefined ? [] : [{ hook, shown }];
    });
    return asked.length === 0 ? undefined : askAll(asked, cluster, dial);
  },
});

async function askAll(
  asked: readonly { readonly hook: Webhook; readonly shown: AdmissionRequest }[],
  cluster: Cluster,
  dial: Dial,
): Promise<void> {
  const answers = await Promise.allSettled(
    asked.map(({ hook, shown }) => callWebhook(hook, shown, cluster, { dial, uid: randomUUID(), mutating: false })),
  );
  for (const [at, { hook, shown }] of asked.entries()) {
    const answer = answers[at];
    if (answer === undefined) continue;
    if (answer.status === 'rejected') throw answer.reason;
    if (answer.value === undefined) {
      shown.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${at}`, hook.name);
      continue;
    }
    note(shown, hook, answer.value);
    if (answer.value.allowed !== true) throw webhookDenial(hook, answer.value);
  }
}

const MUTATING = 'MutatingAdmissionWebhook';

/** apiserver/pkg/admission/plugin/webhook/mutating: one after another, each sees what the ones before it did. */
export const mutatingAdmissionWebhook = (dial: Dial, authorizer: Authorizer): AdmissionPlugin => ({
  name: MUTATING,
  mutate(request, cluster, run) {
    if (isAdmissionConfiguration(request)) return undefined;
    const hooks = hooksOf(cluster, 'mutatingwebhookconfigurations');
    return hooks.length === 0 ? undefined : askInTurn(hooks, request, { cluster, dial, authorizer, run });
  },
});

interface Parts {
  readonly cluster: Cluster;
  readonly dial: Dial;
  readonly authorizer: Authorizer;
  readonly run: Reinvocation;
}

/** In the second run those are asked who saw the object before it changed, and wish to see it again (`reinvocationPolicy: IfNeeded`). */
async function askInTurn(hooks: readonly Listed[], request: AdmissionRequest, parts: Parts): Promise<void> {
  const { run } = parts;
  const asked = run.askedBy(MUTATING);
  if (run.second) asked.foundAs(request.object);
  for (const [at, listed] of hooks.entries()) {
    const { hook, key } = listed;
    const shown = wants(hook, request, parts.cluster, parts.authorizer);
    if (shown === undefined || (run.second && !asked.isDue(key))) continue;
    const place = `round_${run.second ? 1 : 0}_index_${at}`;
    if (await askToChange(listed, shown, place, parts)) {
      takeBack(request, shown);
      asked.changed();
      run.needed = true;
    }
    if (hook.reinvocationPolicy === 'IfNeeded') asked.remember(key);
  }
  asked.leftAs(request.object);
}

/** Returns whether the webhook changed the object. What it did is told in the event's annotations (webhook/mutating/dispatcher.go webhookAnnotator). */
async function askToChange(
  { hook, configuration }: Listed,
  request: AdmissionRequest,
  place: string,
  { cluster, dial }: Parts,
): Promise<boolean> {
  const annotate = (mutated: boolean): void =>
    request.annotate(
      `mutation.webhook.admission.k8s.io/${place}`,
      JSON.stringify({ configuration, webhook: hook.name, mutated }),
    );
  const response = await callWebhook(hook, request, cluster, { dial, uid: randomUUID(), mutating: true });
  if (response === undefined) {
    annotate(false);
    request.annotate(`failed-open.mutation.webhook.admission.k8s.io/${place}`, hook.name);
    return false;
  }
  note(request, hook, response);
  if (response.allowed !== true) {
    annotate(false);
    throw webhookDenial(hook, response);
  }
  const operations = response.patch === undefined ? [] : operationsOf(hook, response.patch);
  if (operations.length === 0) {
    annotate(false);
    return false;
  }
  if (request.object === undefined) {
    const text = `admission webhook ${JSON.stringify(hook.name)} attempted to modify the object, which is not supported for this operation`;
    throw new ApiError(500, 'InternalError', `Internal error occurred: ${text}`);
  }
  const before = JSON.stringify(request.object);
  patch(request.object, operations);
  const mutated = JSON.stringify(request.object) !== before;
  annotate(mutated);
  request.annotate(
    `patch.webhook.admission.k8s.io/${place}`,
    JSON.stringify({ configuration, webhook: hook.name, patch: operations, patchType: 'JSONPatch' }),
  );
  return mutated;
}

function operationsOf(hook: Webhook, encoded: string): JsonOperation[] {
  try {
    const operations = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as unknown;
    if (Array.isArray(operations)) return operations as JsonOperation[];
    throw new Error('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  } catch (error) {
    throw callError(hook, `received undecodable patch in webhook response: ${(error as Error).message}`);
  }
}

/** A patch that does not apply is an internal error in the words of the patch library (webhook/mutating/dispatcher.go). */
function patch(object: KubeObject, operations: readonly JsonOperation[]): void {
  try {
    patchInPlace(object, [...operations]);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    const causes = [{ message: error.message } as { reason: string; message: string }];
    throw new ApiError(500, 'InternalError', `Internal error occurred: ${error.message}`, { causes });
  }
}
