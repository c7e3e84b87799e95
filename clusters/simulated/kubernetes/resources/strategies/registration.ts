import { timestamp } from '../../../clock.ts';
import type { APIService } from '../../model/generated/objects.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import {
  apiServiceNameErrors,
  validateApiService,
  validateApiServiceStatus,
} from '../validation/cluster/api-services.ts';
import { checkedBy } from '../validation/hook.ts';

/** kube-aggregator/pkg/registry/apiservice/strategy.go: what the server itself serves is available at once. */
export const API_SERVICE: Partial<Strategy> = {
  name: apiServiceNameErrors,
  unconditionalUpdate: false,
  defaults(draft) {
    const service = (draft as Partial<APIService>).spec?.service;
    if (service) fill(service, { port: 443 });
  },
  prepareForCreate(draft, { clock }) {
    const local = (draft as Partial<APIService>).spec?.service === undefined;
    draft['status'] = local ? { conditions: [{ ...LOCAL, lastTransitionTime: timestamp(clock) }] } : {};
  },
  ...checkedBy<APIService>({ create: validateApiService, parts: { status: validateApiServiceStatus } }),
};

/** NewLocalAvailableAPIServiceCondition */
const LOCAL = { type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
