import type { VolumeAttachment, VolumeAttachmentSpec, VolumeError } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { addTexts, forbidden, invalid, required, tooLong, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { internalValue } from '../internal-values.ts';
import { inclusiveRange, MAX_INT32 } from '../numbers.ts';
import { validateDriverName } from './drivers.ts';

const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const LONGEST_MESSAGE = 1024;
const MOST_METADATA_BYTES = 256 * 1024;

/** ValidateVolumeAttachment and ValidateVolumeAttachmentV1 of pkg/apis/storage/validation; an inline volume is taken as it is. */
export function validateAttachment(attachment: VolumeAttachment, found: Findings): void {
  const { attacher, source, nodeName = '' } = attachment.spec as Partial<VolumeAttachmentSpec>;
  if (!attacher) found.push(required('spec.attacher'));
  const { inlineVolumeSpec, persistentVolumeName: volume } = source ?? {};
  if (!inlineVolumeSpec && volume === undefined) found.push(required('spec.source', ONE_SOURCE));
  else if (inlineVolumeSpec && volume !== undefined) found.push(forbidden('spec.source', ONE_SOURCE));
  else if (volume === '') {
    found.push(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'));
  }
  addTexts(found, 'spec.nodeName', nodeName, dns1123SubdomainErrors(nodeName));
  validateStatus(attachment, found);
  validateDriverName(attacher, 'spec.attacher', found);
  if (volume !== undefined) addTexts(found, 'spec.source.persistentVolumeName', volume, dns1123SubdomainErrors(volume));
}

/** ValidateVolumeAttachmentUpdate: what is attached where stays. */
export function validateAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment, found: Findings): void {
  validateAttachment(attachment, found);
  const shown = internalValue(attachment.spec, 'io.k8s.api.storage.v1.VolumeAttachmentSpec');
  immutable(attachment.spec, old.spec, 'spec', found, shown);
}

function validateStatus({ status }: VolumeAttachment, found: Findings): void {
  const { attachmentMetadata = {}, attachError, detachError } = (status ?? {}) as Partial<typeof status & object>;
  const bytes = Buffer.byteLength(Object.entries(attachmentMetadata).flat().join(''));
  if (bytes > MOST_METADATA_BYTES) found.push(tooLong('status.attachmentMetadata', MOST_METADATA_BYTES));
  validateError(attachError, 'status.attachError', found);
  validateError(detachError, 'status.detachError', found);
}

function validateError(error: VolumeError | undefined, at: string, found: Findings): void {
  // The limit that upstream tells is not the one it asks.
  if ((error?.message ?? '').length > LONGEST_MESSAGE) found.push(tooLong(`${at}.message`, MOST_METADATA_BYTES));
  const code = error?.errorCode;
  if (code !== undefined && code < 0) found.push(invalid(`${at}.errorCode`, code, inclusiveRange(0, MAX_INT32)));
}
