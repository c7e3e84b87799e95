import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from '../../clusters/simulated/lab-on-hosts.ts';
import { observe } from '../../grader/probes/observe.ts';
import type { Observation } from '../../grader/probes/observation.ts';
import { Probe } from '../../protocol/scenario.ts';

const pod = (name: string, container: object): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { containers: [{ name: 'c', ...container }] },
});
const service = (name: string): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});
const MANIFESTS = [
  pod('open', { image: 'nginx:1.27' }),
  pod('shut', { image: 'nginx:1.27' }),
  pod('client', { image: 'busybox:1.36', command: ['sleep', '10000'] }),
  ...['open', 'shut', 'nobody'].map(service),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'shut', namespace: 'default' },
    spec: { podSelector: { matchLabels: { app: 'shut' } } },
  },
];

describe.skipIf(impossible)(`what probes find out from inside pods${whyNot}`, () => {
  let started: LabOnHosts;
  beforeAll(async () => {
    started = await labOnHosts([], MANIFESTS);
  });
  afterAll(() => started?.[Symbol.asyncDispose]());

  const ask = (fields: object): Promise<Observation> =>
    observe(Probe.parse({ namespace: 'default', ...fields }), started.lab, AbortSignal.timeout(30_000));

  test.each([
    ['client', 'open', 'open'],
    ['client', 'shut', 'timeout'],
    ['client', 'nobody', 'refused'],
    ['client', 'no-such-name', 'unresolved'],
    ['open', 'open', 'open'],
    ['open', 'shut', 'timeout'],
  ])('from %s to %s: %s', async (from, to, state) => {
    const probe = { kind: 'pod-connect', labelSelector: `app=${from}`, to, port: 80 };
    // The first look makes the pods' network.
    await expect.poll(() => ask(probe)).toMatchObject({ outcome: 'observed', fact: { state } });
  });

  test('a program runs in the container that was asked for', async () => {
    const argv = ['wget', '-qO-', 'http://open'];
    const seen = await ask({ kind: 'pod-exec', labelSelector: 'app=client', argv });
    expect(seen).toMatchObject({ outcome: 'observed', fact: { exitCode: 0 } });
  });
});
