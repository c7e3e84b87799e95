import type { ValidatingWebhook, WebhookClientConfig } from '../../../model/generated/objects.ts';
import type { KubeObject } from '../../../object.ts';
import { duplicate, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import { validatePortNumber } from '../numbers.ts';
import { validateFullyQualifiedName } from '../qualified.ts';
import { validateMatchConditions, validateMatchPolicy, validateRule } from './rules.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const FAILURE_POLICIES = ['Fail', 'Ignore'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const REINVOCATIONS = ['IfNeeded', 'Never'];
const LONGEST_TIMEOUT = 30;

export interface WebhookConfiguration extends KubeObject {
  webhooks?: (ValidatingWebhook & { reinvocationPolicy?: string })[];
}

/** validateValidatingWebhookConfiguration and its mutating twin of pkg/apis/admissionregistration/validation. */
export function validateWebhooks({ webhooks = [] }: WebhookConfiguration, found: Findings): void {
  const names = new Set<string>();
  for (const [i, webhook] of webhooks.entries()) {
    const at = `webhooks[${i}]`;
    validateWebhook(webhook, at, found);
    validateReviewVersions(webhook, at, found);
    if (webhook.name && names.has(webhook.name)) found.push(duplicate(`${at}.name`, webhook.name));
    names.add(webhook.name);
  }
}

function validateReviewVersions(webhook: Partial<ValidatingWebhook>, at: string, found: Findings): void {
  const versions = webhook.admissionReviewVersions ?? [];
  const field = `${at}.admissionReviewVersions`;
  if (versions.length === 0) {
    found.push(required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`));
  } else if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    found.push(invalid(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  }
}

function validateWebhook(
  webhook: Partial<NonNullable<WebhookConfiguration['webhooks']>[number]>,
  at: string,
  found: Findings,
): void {
  const {
    name,
    rules = [],
    failurePolicy,
    sideEffects,
    timeoutSeconds,
    clientConfig = {},
    reinvocationPolicy,
  } = webhook;
  validateFullyQualifiedName(name, `${at}.name`, found);
  for (const [i, rule] of rules.entries()) validateRule(rule, `${at}.rules[${i}]`, found);
  if (failurePolicy !== undefined && !FAILURE_POLICIES.includes(failurePolicy)) {
    found.push(notSupported(`${at}.failurePolicy`, failurePolicy, FAILURE_POLICIES));
  }
  validateMatchPolicy(webhook.matchPolicy, `${at}.matchPolicy`, found);
  if (sideEffects === undefined) {
    found.push(required(`${at}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`));
  } else if (!SIDE_EFFECTS.includes(sideEffects)) {
    found.push(notSupported(`${at}.sideEffects`, sideEffects, SIDE_EFFECTS));
  }
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > LONGEST_TIMEOUT)) {
    const text = `the timeout value must be between 1 and ${LONGEST_TIMEOUT} seconds`;
    found.push(invalid(`${at}.timeoutSeconds`, timeoutSeconds, text));
  }
  validateLabelSelector(webhook.namespaceSelector, `${at}.namespaceSelector`, found);
  validateLabelSelector(webhook.objectSelector, `${at}.objectSelector`, found);
  if (reinvocationPolicy !== undefined && !REINVOCATIONS.includes(reinvocationPolicy)) {
    found.push(notSupported(`${at}.reinvocationPolicy`, reinvocationPolicy, REINVOCATIONS));
  }
  validateClient(clientConfig, `${at}.clientConfig`, found);
  validateMatchConditions(webhook.matchConditions ?? [], `${at}.matchConditions`, found);
}

/** webhook.ValidateWebhookURL and ValidateWebhookService of apiserver/pkg/util/webhook. */
export function validateClient({ url, service }: WebhookClientConfig, at: string, found: Findings): void {
  if ((url === undefined) === (service === undefined)) {
    found.push(required(at, 'exactly one of url or service is required'));
  } else if (url !== undefined) validateUrl(url, `${at}.url`, found);
  else if (service) {
    const { name, namespace, path = '', port = 443 } = service;
    if (!name) found.push(required(`${at}.service.name`, 'service name is required'));
    if (!namespace) found.push(required(`${at}.service.namespace`, 'service namespace is required'));
    validatePortNumber(port, `${at}.service.port`, found);
    if (path !== '' && !path.startsWith('/')) {
      found.push(invalid(`${at}.service.path`, path, "must start with a '/'"));
    }
  }
}

const FORM = '; desired format: https://host[/path]';

function validateUrl(text: string, field: string, found: Findings): void {
  if (!URL.canParse(text)) {
    found.push(required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI${FORM}`));
    return;
  }
  const url = new URL(text);
  const say = (value: string, why: string): void => void found.push(invalid(field, value, why));
  if (url.protocol !== 'https:') say(url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${FORM}`);
  if (url.host === '') say(url.host, `host must be specified${FORM}`);
  if (url.username !== '') say(url.username, 'user information is not permitted in the URL');
  if (url.hash !== '') say(url.hash.slice(1), 'fragments are not permitted in the URL');
  if (url.search !== '') say(url.search.slice(1), 'query parameters are not permitted in the URL');
}
