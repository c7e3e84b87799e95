import { digestOf } from '../../../images/digest.ts';
import { fullName, parseReference, tableName } from '../../../images/image.ts';
import { statusesOf } from '../../../kubernetes/kubelet/container-status.ts';
import { containerOf, type FalcoEvent, type Fields, flag, number, text } from './field.ts';

/** Characters of a container's id that are shown. */
const SHORT_ID = 12;

const imageOf = (event: FalcoEvent): string | undefined => {
  const container = containerOf(event);
  return container && fullName(container.container.image ?? '');
};
/** Without a tag or digest, and without a port's colon taken for one. */
const repositoryOf = (event: FalcoEvent): string | undefined =>
  imageOf(event)
    ?.replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '');
const referenceOf = (event: FalcoEvent) => parseReference(containerOf(event)?.container.image ?? '');
const pod = (event: FalcoEvent) => containerOf(event)?.pod;

const labelOf = (event: FalcoEvent, name: string | undefined): string | undefined =>
  name === undefined ? undefined : pod(event)?.metadata.labels?.[name];

function startedAt(event: FalcoEvent): number | undefined {
  const by = containerOf(event);
  const statuses = by === undefined ? [] : statusesOf(by.pod.status);
  const running = statuses.find(({ name }) => name === by?.container.name)?.state?.running;
  const time = Date.parse(running?.startedAt ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** What a program of the node itself has for a container, its id, name and type. */
const HOST = 'host';

export const CONTAINER_FIELDS: Fields = {
  'container.id': text(
    'first twelve characters of its id; host of the node itself',
    (event) => containerOf(event)?.id.slice(0, SHORT_ID) ?? HOST,
  ),
  'container.full_id': text('its id; host of the node itself', (event) => containerOf(event)?.id ?? HOST),
  'container.name': text('its name; host of the node itself', (event) => containerOf(event)?.container.name ?? HOST),
  'container.image': text('its image', imageOf),
  'container.image.repository': text('its image without the tag', repositoryOf),
  'container.image.tag': text("its image's tag", (event) => referenceOf(event)?.tag),
  'container.image.digest': text("its image's digest", (event) => {
    const parsed = referenceOf(event);
    return parsed && (parsed.digest ?? digestOf(tableName(parsed), parsed.tag));
  }),
  'container.type': text('containerd; host of the node itself', (event) =>
    containerOf(event) === undefined ? HOST : 'containerd',
  ),
  'container.privileged': flag('whether it is privileged', (event) => {
    const by = containerOf(event);
    return by && by.container.securityContext?.privileged === true;
  }),
  'container.ip': text("its pod's address", (event) => pod(event)?.status.podIP),
  'container.start_ts': number('when it was started, nanoseconds since 1970', (event) => {
    const time = startedAt(event);
    return time === undefined ? undefined : time * 1e6;
  }),
  'container.duration': number('nanoseconds since it was started', (event) => {
    const time = startedAt(event);
    return time === undefined ? undefined : (event.time - time) * 1e6;
  }),
  'k8s.ns.name': text('namespace of its pod', (event) => pod(event)?.metadata.namespace),
  'k8s.pod.name': text('name of its pod', (event) => pod(event)?.metadata.name),
  'k8s.pod.uid': text('uid of its pod', (event) => pod(event)?.metadata.uid),
  'k8s.pod.ip': text('address of its pod', (event) => pod(event)?.status.podIP),
  'k8s.pod.label': text('a label of its pod', labelOf, 'needed'),
  'k8s.pod.labels': text('labels of its pod', (event) => {
    const its = pod(event);
    const labels = Object.entries(its?.metadata.labels ?? {}).map(([name, value]) => `${name}:${value}`);
    return its && labels.join(', ');
  }),
};
