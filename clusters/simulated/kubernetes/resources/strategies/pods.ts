import type { Pod, PodTemplate } from '../../model/generated/objects.ts';
import { defaultPodSpec, defaultRequests, defaultTemplate } from '../defaults/pods.ts';
import type { Strategy } from '../resource.ts';
import { checkedBy, withSpec } from '../validation/hook.ts';
import { validatePodCreate, validatePodTemplate } from '../validation/pods/pod-spec.ts';
import { validatePodStatus } from '../validation/pods/pod-status.ts';
import { podWarnings, templateWarnings } from '../validation/pods/warnings.ts';
import { templateOf } from '../validation/workloads/deployments.ts';
import { isUnchanged } from '../validation/workloads/warnings.ts';
import { validateEphemeralUpdate } from '../validation/pods/ephemeral-update.ts';
import { validatePodUpdate } from '../validation/pods/pod-update.ts';
import { validateResize } from '../validation/pods/resize.ts';
import { appArmorWarnings, applyAppArmorSkew } from './app-armor-skew.ts';
import { mergeLabelKeys } from './label-keys.ts';
import { keepMetadata, keepObserved } from './pod-parts.ts';
import { qualityOfService } from './quality-of-service.ts';

/** pkg/registry/core/pod/strategy.go. */
export const POD: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    const { spec } = draft as Pod;
    if (spec === undefined) return;
    defaultPodSpec(spec, { ofPod: true });
    defaultRequests(spec);
  },
  prepareForCreate(draft) {
    const pod = draft as Pod;
    mergeLabelKeys(pod);
    applyAppArmorSkew(pod);
    pod.status = { phase: 'Pending', ...(pod.spec === undefined ? {} : { qosClass: qualityOfService(pod.spec) }) };
    if ((pod.spec?.schedulingGates ?? []).length > 0) {
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ];
    }
  },
  prepareForUpdate(draft, old, { subresource }) {
    if (subresource === 'status') keepObserved(draft as Pod, old as Pod);
    else if (subresource === 'resize' || subresource === 'ephemeralcontainers') keepMetadata(draft as Pod, old as Pod);
  },
  ...checkedBy<Pod>({
    create: validatePodCreate,
    update: validatePodUpdate,
    parts: { status: validatePodStatus, ephemeralcontainers: validateEphemeralUpdate, resize: validateResize },
  }),
  warnings: (pod, old) =>
    old === undefined ? [...appArmorWarnings(pod as Pod), ...podWarnings(withSpec(pod) as Pod)] : [],
  gracePeriodSeconds: (object) => (object as Pod).spec?.terminationGracePeriodSeconds ?? 30,
};

export const POD_TEMPLATE: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultTemplate((draft as PodTemplate).template),
  ...checkedBy<PodTemplate>({
    create: ({ template }, found) => validatePodTemplate(templateOf({ template }), 'template', found),
  }),
  warnings: (object, old) =>
    isUnchanged(object, old) ? [] : templateWarnings((withSpec(object) as PodTemplate).template, 'template'),
};
