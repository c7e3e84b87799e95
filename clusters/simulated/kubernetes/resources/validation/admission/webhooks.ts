import type { ValidatingWebhook, WebhookClientConfig } from '../../../model/generated/objects.ts';
import type { KubeObject } from '../../../object.ts';
import { dns1035LabelErrors } from '../../../model/names.ts';
import { addTexts, duplicate, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { validateLabelSelector } from '../labels.ts';
import { validatePortNumber } from '../numbers.ts';
import { validateFullyQualifiedName } from '../qualified.ts';
import { validateMatchConditions, validateMatchPolicy, validateRule } from './rules.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const FAILURE_POLICIES = ['Fail', 'Ignore'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const EVERY_SIDE_EFFECT = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const REINVOCATIONS = ['IfNeeded', 'Never'];
const LONGEST_TIMEOUT = 30;

export interface WebhookConfiguration extends KubeObject {
  webhooks?: (ValidatingWebhook & { reinvocationPolicy?: string })[];
}

/** validationOptions of pkg/apis/admissionregistration/validation: what an update forgives of what is stored already. */
interface Options {
  readonly conditions: boolean;
  readonly noSideEffects: boolean;
  readonly knownVersion: boolean;
  readonly uniqueNames: boolean;
}

type Webhooks = NonNullable<WebhookConfiguration['webhooks']>;

/** ValidateValidatingWebhookConfiguration and its mutating twin. */
export const validateWebhooks = ({ webhooks = [] }: WebhookConfiguration, found: Findings): void =>
  validateAll(webhooks, { conditions: true, noSideEffects: true, knownVersion: true, uniqueNames: true }, found);

/** ValidateValidatingWebhookConfigurationUpdate and its mutating twin. */
export const validateWebhooksUpdate = (
  { webhooks = [] }: WebhookConfiguration,
  { webhooks: old = [] }: WebhookConfiguration,
  found: Findings,
): void =>
  validateAll(
    webhooks,
    {
      conditions: !(
        webhooks.length === old.length &&
        old.every(({ matchConditions }, i) => sameValue(webhooks[i]?.matchConditions, matchConditions))
      ),
      noSideEffects: old.every(({ sideEffects }) => SIDE_EFFECTS.includes(sideEffects)),
      knownVersion: old.every(
        ({ admissionReviewVersions: versions }) => versions.length === 0 || versions.some(isKnownVersion),
      ),
      uniqueNames: new Set(old.map(({ name }) => name)).size === old.length,
    },
    found,
  );

const isKnownVersion = (version: string): boolean => REVIEW_VERSIONS.includes(version);

function validateAll(webhooks: Webhooks, options: Options, found: Findings): void {
  const names = new Set<string>();
  for (const [i, webhook] of webhooks.entries()) {
    const at = `webhooks[${i}]`;
    validateWebhook(webhook, at, options, found);
    validateReviewVersions(webhook, at, options, found);
    if (options.uniqueNames && webhook.name && names.has(webhook.name)) {
      found.push(duplicate(`${at}.name`, webhook.name));
    }
    names.add(webhook.name);
  }
}

/** validateAdmissionReviewVersions */
function validateReviewVersions(
  webhook: Partial<ValidatingWebhook>,
  at: string,
  { knownVersion }: Options,
  found: Findings,
): void {
  const versions = webhook.admissionReviewVersions ?? [];
  const field = `${at}.admissionReviewVersions`;
  if (versions.length === 0) {
    return void found.push(required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`));
  }
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) found.push(invalid(`${field}[${i}]`, version, 'duplicate version'));
    else addTexts(found, `${field}[${i}]`, version, dns1035LabelErrors(version));
  }
  if (knownVersion && !versions.some(isKnownVersion)) {
    found.push(invalid(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  }
}

function validateWebhook(webhook: Partial<Webhooks[number]>, at: string, options: Options, found: Findings): void {
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
  const effects = options.noSideEffects ? SIDE_EFFECTS : EVERY_SIDE_EFFECT;
  if (sideEffects === undefined) {
    found.push(required(`${at}.sideEffects`, `must specify one of ${effects.join(', ')}`));
  } else if (!effects.includes(sideEffects)) {
    found.push(notSupported(`${at}.sideEffects`, sideEffects, effects));
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
  if (options.conditions) validateMatchConditions(webhook.matchConditions ?? [], `${at}.matchConditions`, found);
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
/** What net/url's Parse takes apart: scheme, authority, path, query, fragment. */
const PARTS = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** ValidateWebhookURL */
function validateUrl(text: string, field: string, found: Findings): void {
  const wrong = urlError(text);
  if (wrong !== undefined) {
    found.push(required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: ${wrong}${FORM}`));
    return;
  }
  const [, scheme = '', authority = '', , query = '', fragment = ''] = PARTS.exec(text) ?? [];
  const at = authority.lastIndexOf('@');
  const [user, host] = [at < 0 ? undefined : authority.slice(0, at), authority.slice(at + 1)];
  const say = (value: string, why: string): void => void found.push(invalid(field, value, why));
  if (scheme.toLowerCase() !== 'https') {
    say(scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`);
  }
  if (host === '') say(host, `host must be specified${FORM}`);
  if (user !== undefined) say(user, 'user information is not permitted in the URL');
  if (fragment !== '') say(fragment, 'fragments are not permitted in the URL');
  if (query !== '') say(query, 'query parameters are not permitted in the URL');
}

/** The commonest words of url.Parse. */
function urlError(text: string): string | undefined {
  if (text.startsWith(':')) return 'missing protocol scheme';
  const port = /^[a-z]+:\/\/[^/?#[\]]*?(:[^/?#:]*)(?:[/?#]|$)/i.exec(text)?.[1];
  if (port !== undefined && !/^:\d*$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const host = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
  return host.includes(' ') ? 'invalid character " " in host name' : undefined;
}
