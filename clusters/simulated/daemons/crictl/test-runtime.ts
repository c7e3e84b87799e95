import { RealContainer } from '../../pods/real-container.ts';
import { CriFailure, type CriContainer, type CriRuntime, type CriSandbox } from './cri-runtime.ts';

/** For tests: a container runtime of one sandbox, of which nothing runs. */

export const CREATED = new Date('2026-11-23T05:00:00Z');

export const SANDBOX: CriSandbox = {
  id: '0123456789abcdef',
  name: 'kube-apiserver-controlplane',
  namespace: 'kube-system',
  uid: 'u-1',
  attempt: 0,
  ready: true,
  created: CREATED,
  labels: { tier: 'control-plane' },
  annotations: {},
  address: '10.244.0.7',
  handler: '',
};

export const testContainer = (
  id: string,
  state: CriContainer['state'],
  attempt: number,
  more: Partial<CriContainer> = {},
): CriContainer => ({
  id,
  sandbox: SANDBOX,
  name: 'kube-apiserver',
  image: 'registry.k8s.io/kube-apiserver:v1.35.2',
  imageId: 'sha256:cafe0123456789abcdef',
  imageRef: 'registry.k8s.io/kube-apiserver@sha256:1',
  state,
  exitCode: state === 'Exited' ? 1 : 0,
  reason: state === 'Exited' ? 'Error' : '',
  message: '',
  attempt,
  created: CREATED,
  finished: state === 'Exited' ? CREATED : undefined,
  logPath: '/var/log/pods/x/kube-apiserver/0.log',
  ...more,
});

/** What was asked of it is in `done`. */
export interface TestRuntime extends CriRuntime {
  readonly done: string[];
}

export function testRuntime(
  containers: readonly CriContainer[],
  logs: Readonly<Record<string, string>> = {},
): TestRuntime {
  const done: string[] = [];
  const pause = {
    id: 'sha256:feedfacefeedface',
    tags: ['registry.k8s.io/pause:3.10'],
    digests: ['registry.k8s.io/pause@sha256:2'],
    bytes: 320_000,
    user: '65535:65535',
    pinned: true,
  };
  const nginx = { ...pause, id: 'sha256:abad1dea', tags: ['docker.io/library/nginx:1.27'], user: '', pinned: false };
  return {
    done,
    configure: () => undefined,
    sandboxes: () => Promise.resolve([SANDBOX]),
    containers: () => Promise.resolve(containers),
    images: () => Promise.resolve([pause, nginx]),
    async log({ id }) {
      const run = new RealContainer(
        id,
        () => CREATED.getTime(),
        () => Promise.reject(new Error('it never runs')),
      );
      run.say('stderr', Buffer.from(logs[id] ?? ''));
      return run.log.lines({ follow: false, since: undefined, tailLines: undefined }, AbortSignal.abort());
    },
    process: () => Promise.reject(new Error('nothing runs here')),
    pidOf: () => Promise.resolve(4711),
    stop: ({ id }, patience) => Promise.resolve(void done.push(`stop ${id} ${patience}`)),
    remove: ({ id }) => void done.push(`remove ${id}`),
    pull: (reference) =>
      reference === 'nginx'
        ? Promise.resolve('sha256:abad1dea')
        : Promise.reject(new CriFailure('NotFound', `${reference}: not found`)),
    removeImage: ({ tags }) => void done.push(`remove ${tags.join()}`),
  };
}
