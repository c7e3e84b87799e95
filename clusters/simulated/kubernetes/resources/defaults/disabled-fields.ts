import type { PodSpec } from '../../model/generated/objects.ts';

/** What lies behind feature gates that v1.36 leaves closed is dropped (pkg/api/pod/util.go dropDisabledFields), for a template as well. */
export function dropDisabledFields(spec: PodSpec): void {
  if (spec.schedulingGroup) delete spec.schedulingGroup;
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      if (source.clusterTrustBundle) delete source.clusterTrustBundle;
      if (source.podCertificate) delete source.podCertificate;
    }
  }
}
