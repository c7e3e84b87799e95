import type { Strategy } from '../resource.ts';

/** pkg/registry/certificates/certificates/strategy.go. Who asks is filled in by the API server, which knows the user. */
export const CERTIFICATE_SIGNING_REQUEST: Partial<Strategy> = {
  prepareForCreate: (draft) => void (draft['status'] = {}),
  prepareForUpdate(draft, old, { subresource }) {
    if (subresource === '') Object.assign(draft, { spec: old['spec'], status: old['status'] });
  },
};
