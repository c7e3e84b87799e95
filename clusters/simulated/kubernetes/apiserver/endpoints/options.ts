import { textOf } from '../encode/json.ts';
import { decodeBody } from '../../model/decode.ts';
import { badRequest, invalid, type ApiError, type FieldError } from '../../status.ts';
import { warn, type Exchange } from '../http/exchange.ts';
import { isTrue } from '../http/request-info.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';
type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** Reads and checks the query of a write (apimachinery/pkg/apis/meta/v1/validation). */
export function writeOptions(exchange: Exchange, kind: OptionsKind, applying = false): Record<string, unknown> {
  const { query } = exchange.info;
  const options: Record<string, unknown> = { kind, apiVersion: 'meta.k8s.io/v1' };
  if (query.size === 0 && !applying) return options;
  const errors: FieldError[] = [];
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.length > 0) {
    const wrong = dryRun.filter((value) => value !== 'All');
    for (const value of wrong) errors.push(unsupported('dryRun', value, ['All']));
    options['dryRun'] = dryRun;
  }
  const fieldManager = query.get('fieldManager') ?? '';
  if (fieldManager.length > 128) {
    errors.push({
      type: 'FieldValueTooLong',
      field: 'fieldManager',
      message: 'Too long: may not be more than 128 bytes',
    });
  } else if (fieldManager !== '') options['fieldManager'] = fieldManager;
  if (applying && fieldManager === '') {
    errors.push({
      type: 'FieldValueRequired',
      field: 'fieldManager',
      message: 'Required value: is required for apply patch',
    });
  }
  const force = query.get('force');
  if (force !== null && kind === 'PatchOptions') {
    if (applying) options['force'] = isTrue(force);
    else
      errors.push({
        type: 'FieldValueForbidden',
        field: 'force',
        message: 'Forbidden: may not be specified for non-apply patch',
      });
  }
  const validation = query.get('fieldValidation') ?? '';
  if (validation !== '') {
    if (!['Strict', 'Warn', 'Ignore'].includes(validation)) {
      errors.push(unsupported('fieldValidation', validation, ['Ignore', 'Warn', 'Strict']));
    }
    options['fieldValidation'] = validation;
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
  return options;
}

const unsupported = (field: string, value: string, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
});

/** Warn unless asked otherwise. */
export const fieldValidation = (options: Readonly<Record<string, unknown>>): FieldValidation =>
  (options['fieldValidation'] as FieldValidation | undefined) ?? 'Warn';

/** Unknown and duplicate fields: an error, a warning each, or nothing. */
export function judgeProblems(
  exchange: Exchange,
  problems: readonly string[],
  how: FieldValidation,
  fail: (text: string) => ApiError,
): void {
  if (problems.length === 0 || how === 'Ignore') return;
  if (how === 'Strict') throw fail(`strict decoding error: ${problems.join(', ')}`);
  for (const problem of problems) warn(exchange, problem);
}

export interface DeleteRequest {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly options: Record<string, unknown>;
}

/** DeleteOptions from the body or, without one, from the query (handlers/delete.go). */
export function deleteOptions(exchange: Exchange, body: Buffer): DeleteRequest {
  const options = writeOptions(exchange, 'DeleteOptions');
  const { query } = exchange.info;
  if (body.length > 0) {
    const type = exchange.request.headers['content-type'] ?? 'application/json';
    Object.assign(options, parseDeleteOptions(body, type), { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' });
  } else {
    const grace = query.get('gracePeriodSeconds');
    if (grace !== null) {
      if (!/^-?\d+$/.test(grace))
        throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
      options['gracePeriodSeconds'] = Number(grace);
    }
    const policy = query.get('propagationPolicy');
    if (policy !== null) options['propagationPolicy'] = policy;
    const orphan = query.get('orphanDependents');
    if (orphan !== null) options['orphanDependents'] = isTrue(orphan);
  }
  checkDeleteOptions(options);
  const preconditions = (options['preconditions'] ?? {}) as { uid?: string; resourceVersion?: string };
  return {
    ...pick(options, 'gracePeriodSeconds', 'number'),
    ...pick(options, 'propagationPolicy', 'string'),
    ...pick(options, 'orphanDependents', 'boolean'),
    ...pick(preconditions, 'uid', 'string'),
    ...pick(preconditions, 'resourceVersion', 'string'),
    options,
  };
}

function parseDeleteOptions(body: Buffer, type: string): object {
  if (!/json/i.test(type)) {
    return decodeBody(body, type, { type: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions' }).object;
  }
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
  throw badRequest("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct");
}

function checkDeleteOptions(options: Readonly<Record<string, unknown>>): void {
  const policy = options['propagationPolicy'];
  const errors: FieldError[] = [];
  if (policy !== undefined && options['orphanDependents'] !== undefined) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(textOf(policy))) {
    errors.push(unsupported('propagationPolicy', textOf(policy), ['Background', 'Foreground', 'Orphan', 'nil']));
  }
  const dryRun = options['dryRun'];
  if (Array.isArray(dryRun)) {
    for (const value of dryRun) if (value !== 'All') errors.push(unsupported('dryRun', String(value), ['All']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
}

const pick = (from: object, field: string, type: string): object => {
  const value = (from as Record<string, unknown>)[field];
  return typeof value === type ? { [field]: value } : {};
};
