import { expect, test } from 'vitest';
import { staticPods } from '../../kubernetes/bootstrap/static-pods.ts';
import type { Container, Pod, Probe } from '../../kubernetes/model/generated/objects.ts';
import type { Component } from '../component.ts';
import { probeComponent } from './component-probes.ts';
import { readStaticPod } from './static-pod-file.ts';

const ADDRESS = '10.10.0.10';

/** What the liveness probe of one of kubeadm's pods comes to, after its container was changed. */
async function liveness(name: string, change: (container: Container, probe: Probe) => void, status?: number) {
  const manifest = structuredClone(staticPods('controlplane', ADDRESS)[`${name}.yaml`]) as Pod | undefined;
  const [container] = manifest?.spec.containers ?? [];
  if (container?.livenessProbe === undefined) throw new Error(`${name} has no liveness probe`);
  change(container, container.livenessProbe);
  const pod = readStaticPod(`/${name}.yaml`, Buffer.from(JSON.stringify(manifest)), 'controlplane');
  const component: Component = {
    start: () => Promise.resolve(undefined),
    stop: () => Promise.resolve(),
    ...(status === undefined ? {} : { statusOf: () => Promise.resolve(status) }),
  };
  const outcome = await probeComponent(pod, ADDRESS, container, container.livenessProbe, component);
  return outcome?.succeeded === true ? 'well' : outcome?.message;
}

const get = (more: object) => (_container: Container, probe: Probe) => void Object.assign(probe.httpGet ?? {}, more);
const flag = (text: string) => (container: Container) => void container.command?.push(text);

test.each(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])(
  '%s is well as kubeadm has it',
  async (name) => {
    expect(await liveness(name, () => undefined)).toBe('well');
  },
);

test.each([
  [
    'another port',
    'kube-scheduler',
    get({ port: 10_260 }),
    'Get "https://127.0.0.1:10260/livez": dial tcp 127.0.0.1:10260: connect: connection refused',
  ],
  [
    'an address it does not listen on',
    'kube-scheduler',
    get({ host: ADDRESS }),
    'Get "https://10.10.0.10:10259/livez": dial tcp 10.10.0.10:10259: connect: connection refused',
  ],
  ['a name of no port', 'kube-scheduler', get({ port: 'nope' }), "couldn't find port: nope"],
  ['another path', 'kube-scheduler', get({ path: '/nope' }), 'HTTP probe failed with statuscode: 404'],
  ['plain HTTP', 'kube-scheduler', get({ scheme: 'HTTP' }), 'HTTP probe failed with statuscode: 400'],
  [
    'TLS of what has none',
    'etcd',
    get({ scheme: 'HTTPS' }),
    'Get "https://127.0.0.1:2381/livez": http: server gave HTTP response to HTTPS client',
  ],
  [
    'a program that moved away',
    'kube-controller-manager',
    flag('--secure-port=10300'),
    'Get "https://127.0.0.1:10257/healthz": dial tcp 127.0.0.1:10257: connect: connection refused',
  ],
] as const)('%s fails', async (_what, name, change, message) => {
  expect(await liveness(name, change)).toBe(message);
});

test('whether the API server answers somebody without credentials is asked of it where its flags may say no', async () => {
  expect(await liveness('kube-apiserver', flag('--anonymous-auth=false'), 401)).toBe(
    'HTTP probe failed with statuscode: 401',
  );
  expect(await liveness('kube-apiserver', flag('--authentication-config=/x'), 200)).toBe('well');
  expect(await liveness('kube-apiserver', () => undefined, 401)).toBe('well');
});
