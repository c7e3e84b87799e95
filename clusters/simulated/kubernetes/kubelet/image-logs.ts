import { type Image, findImage } from '../../images/image.ts';
import type { KubeletClient } from '../apiserver/kubelet-client.ts';
import type { Pod } from '../model/generated/objects.ts';
import { ApiError, badRequest } from '../status.ts';

/** Logs of modelled images: what their own process says at its start. Sessions inside of containers are not simulated. */
export function imageLogs(images: readonly Image[]): KubeletClient {
  return {
    log(object, { container: name, previous, tailLines, timestamps, limitBytes }) {
      const pod = object as Pod;
      const container = [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])].find(
        (one) => one.name === name,
      );
      const status = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].find(
        (one) => one.name === name,
      );
      if (previous && status?.lastState?.terminated === undefined) {
        const about = `previous terminated container "${name}" in pod "${pod.metadata.name}" not found`;
        throw badRequest(about);
      }
      const reason = status?.state?.waiting?.reason;
      if (reason !== undefined && status?.lastState?.terminated === undefined) {
        const why = reason.includes('Image') ? 'trying and failing to pull image' : `waiting to start: ${reason}`;
        throw badRequest(`container "${name}" in pod "${pod.metadata.name}" is ${why}`);
      }
      const startedAt = status?.state?.running?.startedAt ?? status?.state?.terminated?.startedAt ?? '';
      const ownProcess = container?.command === undefined;
      const lines = ownProcess ? (findImage(images, container?.image ?? '')?.log ?? []) : [];
      const shown = tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - tailLines));
      const text = shown.map((line) => `${timestamps ? `${startedAt} ` : ''}${line}\n`).join('');
      return Promise.resolve(once(Buffer.from(text).subarray(0, limitBytes ?? Infinity)));
    },
    upgrade(_pod, { subresource }) {
      return Promise.reject(new ApiError(501, 'NotImplemented', `not simulated: ${subresource} into containers`));
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
