import type { JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
import {
  addTexts,
  duplicate,
  invalid,
  invalidWithoutValue,
  notSupported,
  required,
  tooLong,
  tooMany,
  type Findings,
} from '../field-errors.ts';
import { internalValue } from '../internal-values.ts';
import { validateNonNegative } from '../numbers.ts';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const STATUSES = ['False', 'True', 'Unknown'];
const OPERATORS = ['In', 'NotIn'];
const MOST_RULES = 20;
const MOST_EXIT_CODES = 255;
const LONGEST_INDEXES = 64 * 1024;
const SUCCESS_POLICY = 'io.k8s.api.batch.v1.SuccessPolicy';

const oneOf = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

/** validatePodFailurePolicy of pkg/apis/batch/validation. */
export function validateFailurePolicy(spec: JobSpec, path: string, found: Findings): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > MOST_RULES) found.push(tooMany(`${path}.rules`, rules.length, MOST_RULES));
  const pod = spec.template?.spec;
  const names = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name));
  for (const [i, rule] of rules.entries()) {
    const at = `${path}.rules[${i}]`;
    const { action, onExitCodes, onPodConditions = [] } = rule;
    if (!action) found.push(required(`${at}.action`, oneOf(ACTIONS)));
    else if (action === 'FailIndex') {
      if (spec.backoffLimitPerIndex === undefined) {
        found.push(invalid(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set'));
      }
    } else if (!ACTIONS.includes(action)) found.push(notSupported(`${at}.action`, action, ACTIONS));
    if (onExitCodes) validateExitCodes(onExitCodes, names, `${at}.onExitCodes`, found);
    if (onPodConditions.length > 0) validateConditions(onPodConditions, `${at}.onPodConditions`, found);
    if (onExitCodes && onPodConditions.length > 0) {
      found.push(invalidWithoutValue(at, 'specifying both OnExitCodes and OnPodConditions is not supported'));
    }
    if (!onExitCodes && onPodConditions.length === 0) {
      found.push(invalidWithoutValue(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
    }
  }
}

function validateConditions(
  patterns: NonNullable<PodFailurePolicyRule['onPodConditions']>,
  path: string,
  found: Findings,
): void {
  if (patterns.length > MOST_RULES) found.push(tooMany(path, patterns.length, MOST_RULES));
  for (const [i, { type, status }] of patterns.entries()) {
    addTexts(found, `${path}[${i}].type`, type, qualifiedNameErrors(type));
    if (!status) found.push(required(`${path}[${i}].status`, oneOf(STATUSES)));
    else if (!STATUSES.includes(status)) found.push(notSupported(`${path}[${i}].status`, status, STATUSES));
  }
}

function validateExitCodes(
  { operator, containerName, values = [] }: Partial<NonNullable<PodFailurePolicyRule['onExitCodes']>>,
  names: ReadonlySet<string>,
  path: string,
  found: Findings,
): void {
  if (!operator) found.push(required(`${path}.operator`, oneOf(OPERATORS)));
  else if (!OPERATORS.includes(operator)) found.push(notSupported(`${path}.operator`, operator, OPERATORS));
  if (containerName !== undefined && !names.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    found.push(invalid(`${path}.containerName`, containerName, why));
  }
  if (values.length === 0) found.push(invalid(`${path}.values`, values, 'at least one value is required'));
  else if (values.length > MOST_EXIT_CODES) found.push(tooMany(`${path}.values`, values.length, MOST_EXIT_CODES));
  const seen = new Set<number>();
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0)
      found.push(invalid(`${path}.values[${i}]`, value, 'must not be 0 for the In operator'));
    if (seen.has(value)) found.push(duplicate(`${path}.values[${i}]`, value));
    seen.add(value);
  }
  if (values.some((value, i) => (values[i - 1] ?? value) > value))
    found.push(invalid(`${path}.values`, values, 'must be ordered'));
}

/** validatePodReplacementPolicy */
export function validateReplacement(
  { podReplacementPolicy: policy, podFailurePolicy }: JobSpec,
  field: string,
  found: Findings,
): void {
  if (policy === undefined) return;
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (!supported.includes(policy)) found.push(notSupported(field, policy, supported));
}

/** validateSuccessPolicy */
export function validateSuccessPolicy(spec: JobSpec, path: string, found: Findings): void {
  if (spec.completionMode !== 'Indexed') {
    return void found.push(
      invalid(path, internalValue(spec.successPolicy, SUCCESS_POLICY), 'requires indexed completion mode'),
    );
  }
  const rules = spec.successPolicy?.rules ?? [];
  if (rules.length === 0) {
    found.push(required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified'));
  }
  if (rules.length > MOST_RULES) found.push(tooMany(`${path}.rules`, rules.length, MOST_RULES));
  for (const [i, rule] of rules.entries())
    validateSuccessRule(rule, spec.completions ?? 0, `${path}.rules[${i}]`, found);
}

function validateSuccessRule(
  { succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule,
  completions: number,
  path: string,
  found: Findings,
): void {
  if (count === undefined && indexes === undefined) {
    found.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  if (indexes !== undefined && Buffer.byteLength(indexes) > LONGEST_INDEXES) {
    found.push(tooLong(`${path}.succeededIndexes`, LONGEST_INDEXES));
  }
  const total = indexes === undefined ? 0 : countIndexes(indexes, completions);
  if (typeof total === 'string') {
    found.push(invalid(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${total}`));
  }
  if (count === undefined) return;
  const field = `${path}.succeededCount`;
  validateNonNegative(count, field, found);
  if (count > completions) {
    found.push(
      invalid(field, count, `must be less than or equal to ${completions} (the number of specified completions)`),
    );
  }
  if (indexes !== undefined && count > (typeof total === 'number' ? total : 0)) {
    const why = `must be less than or equal to ${typeof total === 'number' ? total : 0} (the number of indexes in the specified succeededIndexes field)`;
    found.push(invalid(field, count, why));
  }
}

/** validateIndexesFormat: `1,3-5`, ascending. How many, or what is wrong. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let last = -1;
  for (const part of text.split(',')) {
    const limits = part.split('-');
    if (limits.length > 2)
      return `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`;
    const numbers = limits.map(Number);
    const [from = 0, to = from] = numbers;
    const wrong = limits.find((limit) => !/^\d+$/.test(limit));
    if (wrong !== undefined) return `cannot convert string to integer for index: ${JSON.stringify(wrong)}`;
    const beyond = numbers.find((number) => number >= completions);
    if (beyond !== undefined) return `too large index: ${JSON.stringify(String(beyond))}`;
    if (last >= from) return `non-increasing order, previous: ${last}, current: ${from}`;
    if (limits.length === 2 && from >= to) return `non-increasing order, previous: ${from}, current: ${to}`;
    total += to - from + 1;
    last = to;
  }
  return total;
}
