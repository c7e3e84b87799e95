import type { Deployment } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';

/** Manifests that tests of controllers start from; `spec` and `pod` add to or replace what is there. */
type Fields = Readonly<Record<string, unknown>>;

const template = (app: string, pod: Fields): object => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...pod },
});

const workload =
  (apiVersion: string, kind: string) =>
  (name: string, spec: Fields = {}, pod: Fields = {}): object => ({
    apiVersion,
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template: template(name, pod), ...spec },
  });

export const deployment = workload('apps/v1', 'Deployment');
export const replicaSet = workload('apps/v1', 'ReplicaSet');
export const statefulSet = workload('apps/v1', 'StatefulSet');
export const daemonSet = workload('apps/v1', 'DaemonSet');

const runs = (command: readonly string[]): Fields => ({
  restartPolicy: 'Never',
  containers: [{ name: 'c', image: 'busybox:1.36', command }],
});

export const job = (name: string, command: readonly string[], spec: Fields = {}): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: { spec: runs(command) }, ...spec },
});

export const cronJob = (name: string, schedule: string, command: readonly string[], spec: Fields = {}): object => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name },
  spec: { schedule, jobTemplate: { spec: { template: { spec: runs(command) } } }, ...spec },
});

export const pod = (name: string, spec: Fields = {}, labels: Readonly<Record<string, string>> = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec },
});

/** A container that runs a command in busybox. */
export const command = (...argv: readonly string[]): object => ({ name: 'c', image: 'busybox:1.36', command: argv });

/** Changes the image of a workload's first container. */
export function withImage(image: string): (draft: KubeObject) => void {
  return (draft) => {
    const container = (draft as Deployment).spec.template.spec?.containers[0];
    if (container !== undefined) container.image = image;
  };
}

/** Sorted texts of whatever is compared without an order. */
export const sorted = (values: readonly unknown[]): string[] => values.map(String).sort((a, b) => (a < b ? -1 : 1));
