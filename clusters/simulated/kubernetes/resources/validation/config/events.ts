import type { Event } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../model/names.ts';
import { addTexts, invalid, required, type Findings } from '../field-errors.ts';

const MISMATCH = 'does not match event.namespace';
const LONGEST_WORD = 128;
const LONGEST_NOTE = 1024;

/**
 * legacyValidateEvent of pkg/apis/core/validation/events.go: all that is asked of an event of the core group. One that says when it was
 * in `eventTime` has to say more.
 */
export function validateEvent(event: Event, found: Findings): void {
  const { involvedObject, metadata } = event;
  const { namespace = '' } = metadata;
  const about = involvedObject.namespace ?? '';
  const field = 'involvedObject.namespace';
  if (event.eventTime) {
    if (about === '' && namespace !== 'default' && namespace !== 'kube-system') {
      found.push(invalid(field, about, MISMATCH));
    }
    validateReport(event, found);
  } else if (about === '' ? namespace !== '' && namespace !== 'default' : about !== namespace) {
    found.push(invalid(field, about, MISMATCH));
  }
  addTexts(found, 'namespace', namespace, dns1123SubdomainErrors(namespace));
}

/** Who says it, what was done and why. */
function validateReport(event: Event, found: Findings): void {
  const { reportingComponent: controller = '', reportingInstance = '', action = '', reason = '', message = '' } = event;
  if (controller === '') found.push(required('reportingController'));
  addTexts(found, 'reportingController', controller, qualifiedNameErrors(controller));
  for (const [field, text] of Object.entries({ reportingInstance, action, reason })) {
    if (text === '') found.push(required(field));
    validateLength(field, text, LONGEST_WORD, found);
  }
  validateLength('message', message, LONGEST_NOTE, found);
}

function validateLength(field: string, text: string, limit: number, found: Findings): void {
  if (Buffer.byteLength(text) > limit) found.push(invalid(field, '', `can have at most ${limit} characters`));
}
