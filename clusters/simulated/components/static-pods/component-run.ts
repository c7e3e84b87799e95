import type { ComponentContainer } from '../component.ts';
import type { StaticPod } from './static-pod-file.ts';

/** A run of a component's container as it begins. `at` in milliseconds since 1970. */
export function newRun(
  { pod, hash, image, argv }: StaticPod,
  container: string,
  { id, sandbox, attempt, at }: { id: string; sandbox: string; attempt: number; at: number },
): ComponentContainer {
  const { name, namespace = '' } = pod.metadata;
  return {
    id,
    sandbox,
    pod: name,
    namespace,
    name: container,
    image,
    argv,
    attempt,
    state: 'Running',
    exitCode: 0,
    startedAt: at,
    finishedAt: undefined,
    log: [],
    logPath: `/var/log/pods/${namespace}_${name}_${hash}/${container}/${attempt}.log`,
  };
}
