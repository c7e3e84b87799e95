import type {
  FlowSchema,
  FlowSchemaSpec,
  FlowcontrolV1Subject,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const HIGHEST_PRECEDENCE = 10_000;
const DISTINGUISHERS = ['ByNamespace', 'ByUser'];
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const NAMESPACE_FORM = "each member of this list must be '*' or a DNS-1123 label; ";

/** ValidateFlowSchema of pkg/apis/flowcontrol/validation; that the two mandatory schemas stay as they are is not asked. */
export function validateFlowSchema({ metadata, spec }: FlowSchema, found: Findings): void {
  const {
    matchingPrecedence: precedence = 0,
    distinguisherMethod,
    priorityLevelConfiguration,
    rules = [],
  } = (spec ?? {}) as Partial<FlowSchemaSpec>;
  const say = (why: string): void => void found.push(invalid('spec.matchingPrecedence', precedence, why));
  if (precedence <= 0) say('must be a positive value');
  if (precedence > HIGHEST_PRECEDENCE) say(`must not be greater than ${HIGHEST_PRECEDENCE}`);
  if (precedence === 1 && metadata.name !== 'exempt') {
    say("only the schema named 'exempt' may have matchingPrecedence 1");
  }
  if (distinguisherMethod && !DISTINGUISHERS.includes(distinguisherMethod.type)) {
    const shown = { Type: distinguisherMethod.type ?? '' };
    found.push(notSupported('spec.distinguisherMethod.type', shown, DISTINGUISHERS));
  }
  const level = priorityLevelConfiguration?.name ?? '';
  const levelField = 'spec.priorityLevelConfiguration.name';
  if (level === '') found.push(required(levelField, 'must reference a priority level'));
  else addTexts(found, levelField, level, dns1123SubdomainErrors(level));
  for (const [i, rule] of rules.entries()) validateRule(rule, `spec.rules[${i}]`, found);
}

/** ValidateFlowSchemaStatus, which that of priority levels equals. */
export function validateConditionTypes(
  { status }: { status?: { conditions?: readonly { type?: string }[] } },
  _old: unknown,
  found: Findings,
): void {
  const seen = new Set<string>();
  for (const [i, { type = '' }] of (status?.conditions ?? []).entries()) {
    const at = `status.conditions[${i}].type`;
    if (seen.has(type)) found.push(duplicate(at, type));
    seen.add(type);
    if (type === '') found.push(required(at));
  }
}

/** ValidateFlowSchemaPolicyRulesWithSubjects */
function validateRule(rule: Partial<PolicyRulesWithSubjects>, at: string, found: Findings): void {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  if (subjects.length === 0) found.push(required(`${at}.subjects`, 'subjects must contain at least one value'));
  for (const [i, subject] of subjects.entries()) validateSubject(subject, `${at}.subjects[${i}]`, found);
  if (resourceRules.length + nonResourceRules.length === 0) {
    found.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  for (const [i, one] of resourceRules.entries()) validateResources(one, `${at}.resourceRules[${i}]`, found);
  for (const [i, one] of nonResourceRules.entries()) validateUrls(one, `${at}.nonResourceRules[${i}]`, found);
}

const SUBJECTS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;
/** In the order in which upstream complains of those that do not belong. */
const OTHERS = {
  ServiceAccount: ['User', 'Group'],
  User: ['ServiceAccount', 'Group'],
  Group: ['ServiceAccount', 'User'],
} as const;

function validateSubject(subject: FlowcontrolV1Subject, at: string, found: Findings): void {
  const { kind } = subject;
  if (kind !== 'ServiceAccount' && kind !== 'User' && kind !== 'Group') {
    return void found.push(notSupported(`${at}.kind`, kind ?? '', ['Group', 'ServiceAccount', 'User']));
  }
  const field = SUBJECTS[kind];
  const who = subject[field] as { name?: string; namespace?: string } | undefined;
  if (!who) found.push(required(`${at}.${field}`, `${field} is required when subject kind is '${kind}'`));
  else {
    if (!who.name) found.push(required(`${at}.${field}.name`));
    else if (kind === 'ServiceAccount' && who.name !== '*') {
      addTexts(found, `${at}.${field}.name`, who.name, dns1123SubdomainErrors(who.name));
    }
    if (kind === 'ServiceAccount') {
      const namespaceField = `${at}.${field}.namespace`;
      if (!who.namespace) found.push(required(namespaceField, 'must specify namespace for service account'));
      else addTexts(found, namespaceField, who.namespace, dns1123LabelErrors(who.namespace));
    }
  }
  for (const other of OTHERS[kind]) {
    const name = SUBJECTS[other];
    if (subject[name]) {
      found.push(forbidden(`${at}.${name}`, `${name} is forbidden when subject kind is not '${other}'`));
    }
  }
}

/** A list that may be everything, but then nothing else. True when its members still have to be looked at. */
function validateStar(values: readonly string[], field: string, what: string, found: Findings): boolean {
  if (!values.includes('*')) return true;
  if (values.length > 1) found.push(invalid(field, values, `if '*' is present, must not specify other ${what}`));
  return false;
}

function validateVerbs(verbs: readonly string[], field: string, found: Findings): void {
  if (verbs.length === 0) found.push(required(field, 'verbs must contain at least one value'));
  else if (validateStar(verbs, field, 'verbs', found) && !verbs.every((verb) => VERBS.includes(verb))) {
    found.push(notSupported(field, verbs, VERBS));
  }
}

/** ValidateFlowSchemaResourcePolicyRule */
function validateResources(rule: Partial<ResourcePolicyRule>, at: string, found: Findings): void {
  const { verbs = [], apiGroups = [], resources = [], clusterScope = false } = rule;
  const namespaces = rule.namespaces ?? [];
  validateVerbs(verbs, `${at}.verbs`, found);
  if (apiGroups.length === 0) {
    found.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  } else validateStar(apiGroups, `${at}.apiGroups`, 'api groups', found);
  if (resources.length === 0) {
    found.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  } else validateStar(resources, `${at}.resources`, 'resources', found);
  const field = `${at}.namespaces`;
  if (namespaces.length === 0 && !clusterScope) {
    const why = 'resource rules that are not cluster scoped must supply at least one namespace';
    found.push(required(field, why));
  } else if (validateStar(namespaces, field, 'namespaces', found)) {
    for (const [i, name] of namespaces.entries()) {
      const texts = dns1123LabelErrors(name).map((text) => NAMESPACE_FORM + text);
      addTexts(found, `${field}[${i}]`, name, texts);
    }
  }
}

/** ValidateFlowSchemaNonResourcePolicyRule */
function validateUrls(
  { verbs = [], nonResourceURLs = [] }: Partial<NonResourcePolicyRule>,
  at: string,
  found: Findings,
): void {
  validateVerbs(verbs, `${at}.verbs`, found);
  const field = `${at}.nonResourceURLs`;
  if (nonResourceURLs.length === 0) {
    found.push(required(field, 'nonResourceURLs must contain at least one value'));
  } else if (validateStar(nonResourceURLs, field, 'non-resource URLs', found)) {
    for (const [i, url] of nonResourceURLs.entries()) {
      const wrong = urlError(url);
      if (wrong !== undefined) found.push(invalid(`${field}[${i}]`, url, wrong));
    }
  }
}

/** ValidateNonResourceURLPath */
function urlError(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const stars = path.split('*').length - 1;
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}
