import type { ApiError } from '../status.ts';
import { forbidden } from '../status.ts';
import type { AdmissionRequest } from './plugin.ts';

/** The name errors show: that of the request, else of the object, else the prefix its name will have. */
export const shownName = ({ name, object }: AdmissionRequest): string => {
  if (name !== '') return name;
  const { name: own = '', generateName } = object?.metadata ?? {};
  return own !== '' ? own : (generateName ?? 'Unknown');
};

/** A plugin's 403 (apiserver/pkg/admission/errors.go NewForbidden). */
export const forbid = (request: AdmissionRequest, why: string): ApiError =>
  forbidden(request.resource, shownName(request), why);

/** Whether it is about pods or a subresource of theirs. */
export const isPodRequest = ({ resource }: AdmissionRequest): boolean =>
  resource.group === '' && resource.plural === 'pods';
