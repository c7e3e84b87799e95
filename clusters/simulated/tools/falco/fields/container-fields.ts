import { digestOf } from '../../../images/digest.ts';
import { fullName, parseReference, tableName } from '../../../images/image.ts';
import { statusesOf } from '../../../kubernetes/kubelet/container-status.ts';
import { type FalcoEvent, type Fields, flag, number, text } from './field.ts';

/** Characters of a container's id that are shown. */
const SHORT_ID = 12;

const imageOf = ({ by }: FalcoEvent): string => fullName(by.container.image ?? '');
/** Without a tag or digest, and without a port's colon taken for one. */
const repositoryOf = (event: FalcoEvent): string =>
  imageOf(event)
    .replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '');
const pod = ({ by }: FalcoEvent) => by.pod;

const labelOf = (event: FalcoEvent, name: string | undefined): string | undefined =>
  name === undefined ? undefined : pod(event).metadata.labels?.[name];

function startedAt({ by }: FalcoEvent): number | undefined {
  const status = statusesOf(by.pod.status).find(({ name }) => name === by.container.name);
  const time = Date.parse(status?.state?.running?.startedAt ?? '');
  return Number.isNaN(time) ? undefined : time;
}

export const CONTAINER_FIELDS: Fields = {
  'container.id': text('first twelve characters of its id', ({ by }) => by.id.slice(0, SHORT_ID)),
  'container.full_id': text('its id', ({ by }) => by.id),
  'container.name': text('its name', ({ by }) => by.container.name),
  'container.image': text('its image', imageOf),
  'container.image.repository': text('its image without the tag', repositoryOf),
  'container.image.tag': text("its image's tag", ({ by }) => parseReference(by.container.image ?? '')?.tag),
  'container.image.digest': text("its image's digest", ({ by }) => {
    const parsed = parseReference(by.container.image ?? '');
    return parsed && (parsed.digest ?? digestOf(tableName(parsed), parsed.tag));
  }),
  'container.type': text('containerd', () => 'containerd'),
  'container.privileged': flag(
    'whether it is privileged',
    ({ by }) => by.container.securityContext?.privileged === true,
  ),
  'container.ip': text("its pod's address", ({ by }) => by.pod.status.podIP),
  'container.start_ts': number('when it was started, nanoseconds since 1970', (event) => {
    const time = startedAt(event);
    return time === undefined ? undefined : time * 1e6;
  }),
  'container.duration': number('nanoseconds since it was started', (event) => {
    const time = startedAt(event);
    return time === undefined ? undefined : (event.time - time) * 1e6;
  }),
  'k8s.ns.name': text('namespace of its pod', (event) => pod(event).metadata.namespace),
  'k8s.pod.name': text('name of its pod', (event) => pod(event).metadata.name),
  'k8s.pod.uid': text('uid of its pod', (event) => pod(event).metadata.uid),
  'k8s.pod.ip': text('address of its pod', (event) => pod(event).status.podIP),
  'k8s.pod.label': text('a label of its pod', labelOf, 'needed'),
  'k8s.pod.labels': text('labels of its pod', (event) =>
    Object.entries(pod(event).metadata.labels ?? {})
      .map(([name, value]) => `${name}:${value}`)
      .join(', '),
  ),
};
