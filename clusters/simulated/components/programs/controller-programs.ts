import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import type { EventRecorder } from '../../kubernetes/controllers/events.ts';
import { scheduler } from '../../kubernetes/scheduler/scheduler.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { Component } from '../component.ts';
import { type ControllerManagerOptions, controllersOf } from './controller-manager.ts';
import { ControllersComponent } from './controllers-component.ts';
import { klogLine } from '../klog.ts';

export interface ControllerProgramsOptions extends ControllerManagerOptions {
  readonly cluster: Cluster;
  /** For the scheduler's events. */
  readonly record: EventRecorder;
  /** Adds a line to the log of the container of that name. */
  readonly log: (container: string, line: string) => void;
}

/** The control plane's programs that are loops, by the name of their container, with the lines that upstream's begin their logs with. */
export function controllerPrograms(options: ControllerProgramsOptions): Readonly<Record<string, Component>> {
  const { cluster, record, log } = options;
  const { clock } = cluster;
  const manager = 'kube-controller-manager';
  const kubeScheduler = 'kube-scheduler';
  return {
    [manager]: new ControllersComponent(
      cluster,
      () => controllersOf(cluster, options),
      (line) => log(manager, line),
      (controllers) => [
        klogLine(clock, 'I', 'controllermanager.go:189', `"Starting" version="${RELEASE.kubernetes}"`),
        ...controllers.map(({ name }) =>
          klogLine(clock, 'I', 'controllermanager.go:748', `"Started controller" controller="${name}"`),
        ),
      ],
    ),
    [kubeScheduler]: new ControllersComponent(
      cluster,
      () => [scheduler(cluster, record)],
      (line) => log(kubeScheduler, line),
      () => [klogLine(clock, 'I', 'server.go:175', `"Starting Kubernetes Scheduler" version="${RELEASE.kubernetes}"`)],
    ),
  };
}
