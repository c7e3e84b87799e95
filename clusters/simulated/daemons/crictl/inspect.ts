import { containerInfo, containerStatus, imageStatus, sandboxStatus } from './describe.ts';
import { isNamed } from './lists.ts';
import { printStatuses } from './output.ts';
import { CrictlError, doing, type CriRequest, findContainer, findSandbox } from './verb.ts';

/** `crictl inspect`. What is told of how it runs is what it was really started with. */
export async function inspectContainers(request: CriRequest): Promise<number> {
  const { runtime, words, options } = request;
  if (words.length === 0) throw new CrictlError('ID cannot be empty');
  const statuses: object[] = [];
  for (const word of words) {
    const container = await doing('get container status', () => findContainer(runtime, word));
    const status = containerStatus(container);
    if (options.has('quiet')) {
      statuses.push({ status });
      continue;
    }
    const runs = container.state === 'Running';
    // Where nothing can be started, there is nothing to tell of it.
    const started = runs ? await runtime.process(container).catch(() => undefined) : undefined;
    const pid = runs ? await runtime.pidOf(container) : 0;
    statuses.push({ status, info: containerInfo(container, pid, started) });
  }
  return printStatuses(request, statuses);
}

/** `crictl inspectp`. */
export async function inspectSandboxes(request: CriRequest): Promise<number> {
  const { runtime, words, options } = request;
  if (words.length === 0) throw new CrictlError('ID cannot be empty');
  const statuses: object[] = [];
  for (const word of words) {
    const sandbox = await doing('get pod sandbox status', () => findSandbox(runtime, word));
    const status = sandboxStatus(sandbox);
    const info = { snapshotKey: sandbox.id, snapshotter: 'overlayfs', runtimeHandler: sandbox.handler };
    statuses.push(options.has('quiet') ? { status } : { status, info });
  }
  return printStatuses(request, statuses);
}

/** `crictl inspecti`. */
export async function inspectImages(request: CriRequest): Promise<number> {
  const { runtime, words } = request;
  if (words.length === 0) throw new CrictlError('ID cannot be empty');
  const images = await runtime.images();
  const found = words.map((word) => {
    const image = images.find((one) => isNamed(one, word));
    if (image === undefined) throw new CrictlError(`no such image ${JSON.stringify(word)} present`);
    return { status: imageStatus(image) };
  });
  return printStatuses(request, found);
}
