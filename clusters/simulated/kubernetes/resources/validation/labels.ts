import type { LabelSelector } from '../../model/generated/objects.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../model/names.ts';
import { addTexts, forbidden, invalid, required, tooLong, type Findings } from './field-errors.ts';

type Texts = Readonly<Record<string, string>> | undefined;

/** apimachinery/pkg/apis/meta/v1/validation/validation.go ValidateLabelName. */
export const validateLabelName = (key: string | undefined, field: string, found: Findings): void =>
  addTexts(found, field, key ?? '', qualifiedNameErrors(key ?? ''));

/** ValidateLabels: both key and value are reported on the map itself. */
export function validateLabels(labels: Texts, field: string, found: Findings): void {
  for (const key in labels) {
    validateLabelName(key, field, found);
    addTexts(found, field, labels[key], labelValueErrors(labels[key] ?? ''));
  }
}

/** Bytes of all annotations of an object (apimachinery/pkg/api/validation/objectmeta.go TotalAnnotationSizeLimitB). */
const MOST_ANNOTATION_BYTES = 256 * 1024;

/** ValidateAnnotations: upper case is taken in keys, for the sake of old ones. */
export function validateAnnotations(annotations: Texts, field: string, found: Findings): void {
  let bytes = 0;
  for (const key in annotations) {
    addTexts(found, field, key, qualifiedNameErrors(key.toLowerCase()));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  }
  if (bytes > MOST_ANNOTATION_BYTES) found.push(tooLong(field, MOST_ANNOTATION_BYTES));
}

/** ValidateLabelSelector; nothing is wrong with no selector. */
export function validateLabelSelector(selector: LabelSelector | undefined, field: string, found: Findings): void {
  if (!selector) return;
  validateLabels(selector.matchLabels, `${field}.matchLabels`, found);
  for (const [i, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${field}.matchExpressions[${i}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        found.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        found.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
    } else {
      found.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'));
    }
    validateLabelName(key, `${at}.key`, found);
    for (const [j, value] of values.entries()) addTexts(found, `${at}.values[${j}]`, value, labelValueErrors(value));
  }
}

/** Whether LabelSelectorAsSelector takes it: whether a server can compare labels with it at all. */
export function isUsableSelector(selector: LabelSelector | undefined): boolean {
  const found: Findings = [];
  validateLabelSelector(selector, '', found);
  return found.length === 0;
}

export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;
