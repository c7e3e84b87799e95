import type {
  Container,
  ObjectFieldSelector,
  Pod,
  ResourceFieldSelector,
} from '../kubernetes/model/generated/objects.ts';
import { parseQuantity } from '../kubernetes/model/quantity.ts';
import type { PodSources } from './sources.ts';

/** The value of a `fieldRef` (pkg/fieldpath/fieldpath.go, pkg/kubelet/kubelet_pods.go podFieldSelectorRuntimeValue). */
export function fieldValue(pod: Pod, { fieldPath }: ObjectFieldSelector): string {
  const { metadata, spec, status } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (subscript !== null) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? '';
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return status.hostIP ?? '';
    case 'status.podIP':
    case 'status.podIPs':
      return status.podIP ?? '';
    default:
      return '';
  }
}

/** One `key="value"` a line, by key (fieldpath.FormatMap). */
const formatMap = (map: Readonly<Record<string, string>> = {}): string =>
  Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');

/** The value of a `resourceFieldRef`; a limit that is not set is the node's (pkg/api/v1/resource/helpers.go). */
export function resourceValue(
  pod: Pod,
  container: Container,
  selector: ResourceFieldSelector,
  sources: PodSources,
): string {
  const of =
    selector.containerName === undefined || selector.containerName === ''
      ? container
      : [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].find(
          ({ name }) => name === selector.containerName,
        );
  const [kind = '', ...rest] = selector.resource.split('.');
  const resource = rest.join('.');
  const asked = kind === 'limits' ? of?.resources?.limits?.[resource] : of?.resources?.requests?.[resource];
  const text =
    asked ??
    (kind === 'limits' ? sources.node(pod.spec.nodeName ?? '')?.status?.allocatable?.[resource] : undefined) ??
    '0';
  const divisor = selector.divisor === undefined || selector.divisor === '0' ? '1' : selector.divisor;
  return String(Math.ceil(number(text) / number(divisor)));
}

function number(text: string): number {
  const { unscaled, scale } = parseQuantity(text);
  return Number(unscaled) * 10 ** scale;
}
