import type { HostName } from '../../../protocol/host.ts';
import { realClock } from '../clock.ts';
import { ControlPlaneMachine } from '../control-plane-machine.ts';
import { startTestLab, type TestLab } from '../hosts/host-fixture.ts';
import { CLUSTER_PLAN } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { ContainerStatus, Event, Pod } from '../kubernetes/model/generated/objects.ts';
import { createPki } from '../kubernetes/pki/pki.ts';
import { realRandomness } from '../kubernetes/randomness.ts';
import { clusterFiles } from '../lab-files.ts';
import { ClusterTemplates } from '../template.ts';
import { SupervisedSandboxes } from './supervised-sandboxes.ts';

/** How long a test waits for what a pod comes to. */
export const LONG = { timeout: 15_000, interval: 50 };

/** The field of a busybox container named `c`. */
export const busybox = (...command: string[]): object => ({ name: 'c', image: 'busybox:1.36', command });

/** For tests: a cluster whose pods on node01 have the sandboxes of a real lab, in the namespace `default`. */
export class TestCluster implements AsyncDisposable {
  readonly machine: ControlPlaneMachine;
  readonly hosts: TestLab;
  /** What components complained of. */
  readonly faults: readonly string[];

  private constructor(machine: ControlPlaneMachine, hosts: TestLab, faults: readonly string[]) {
    this.machine = machine;
    this.hosts = hosts;
    this.faults = faults;
  }

  /** `machines` are those of its hosts that it needs beside the pods. */
  static async start(machines: readonly HostName[] = ['node01']): Promise<TestCluster> {
    const faults: string[] = [];
    const hosts = await startTestLab(machines);
    const common = { clock: realClock, randomness: realRandomness, log: (line: string) => void faults.push(line) };
    const pki = createPki({
      now: Date.now(),
      controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
      server: CLUSTER_PLAN.endpoint,
      serviceAddress: '10.96.0.1',
    });
    const sandboxes = new SupervisedSandboxes(hosts.set.supervisor);
    const machine = new ControlPlaneMachine({
      ...common,
      pki,
      apiPort: 0,
      nodes: CLUSTER_PLAN.nodes.map(({ name }) => name),
      withHosts: false,
      sandboxes: () => Promise.resolve(sandboxes),
    });
    const templates = new ClusterTemplates({ ...common, plan: CLUSTER_PLAN });
    await machine.start(
      await templates.of({ hosts: [], manifests: [], files: [] }),
      clusterFiles(pki).filter(({ host }) => host === 'controlplane'),
    );
    return new TestCluster(machine, hosts, faults);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine.stop();
    await this.hosts[Symbol.asyncDispose]();
  }

  async apply(kind: string, name: string, fields: object, metadata: object = {}): Promise<void> {
    const { cluster } = this.machine.plane;
    const resource = cluster.resourceOfKind('v1', kind);
    if (resource === undefined) throw new Error(kind);
    const object = { apiVersion: 'v1', kind, metadata: { name, namespace: 'default', ...metadata }, ...fields };
    await cluster.create(resource, object);
  }

  run(name: string, spec: object, metadata: object = {}): Promise<void> {
    return this.apply('Pod', name, { spec: { nodeName: 'node01', ...spec } }, metadata);
  }

  get(name: string): Pod | undefined {
    const { cluster } = this.machine.plane;
    return cluster.get(cluster.resource('pods'), 'default', name) as Pod | undefined;
  }

  /** Of the pod's first container. */
  state(name: string): ContainerStatus | undefined {
    return this.get(name)?.status?.containerStatuses?.[0];
  }

  /** Resolves when the first container is ready. */
  async ready(name: string): Promise<void> {
    const { cluster } = this.machine.plane;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => void (this.state(name)?.ready === true && resolve());
    using _watch = cluster.watch(cluster.resource('pods'), look);
    look();
    await promise;
  }

  /** Runs a shell's line in a container; both outputs as one text. */
  async exec(name: string, line: string, container = 'c'): Promise<string> {
    const pod = this.get(name);
    if (pod === undefined) throw new Error(`no pod ${name}`);
    const said = await this.machine.inPods.run(pod, container, ['sh', '-c', line], AbortSignal.timeout(10_000));
    return said.trim();
  }

  /** `reason: message` of each event about it. */
  events(name: string): string[] {
    const { cluster } = this.machine.plane;
    return (cluster.list(cluster.resource('events'), 'default') as readonly Event[])
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }
}
