import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import type { EventRecorder } from '../../kubernetes/controllers/events.ts';
import { scheduler } from '../../kubernetes/scheduler/scheduler.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import { ProgramAccess, type ProgramAccessOptions } from '../access/program-access.ts';
import { CONTROLLER_MANAGER_ACCESS, SCHEDULER_ACCESS } from '../access/program-rows.ts';
import type { Component } from '../component.ts';
import { klogLine } from '../klog.ts';
import { type ControllerManagerOptions, controllersOf } from './controller-manager.ts';
import { ControllersComponent } from './controllers-component.ts';

export interface ControllerProgramsOptions extends ControllerManagerOptions {
  readonly cluster: Cluster;
  /** For the scheduler's events. */
  readonly record: EventRecorder;
  /** Adds a line to the log of the container of that name. */
  readonly log: (container: string, line: string) => void;
  /** Told when one of them has come through to the API server after it was started. */
  readonly opened: () => void;
  /** How the container of that name comes to the API server. */
  readonly access: (container: string) => ProgramAccessOptions;
}

/** The control plane's programs that are loops, by the name of their container, with the lines that upstream's begin their logs with. */
export function controllerPrograms(options: ControllerProgramsOptions): Readonly<Record<string, Component>> {
  const { cluster, record, log, access, opened } = options;
  const { clock } = cluster;
  const { name: manager } = CONTROLLER_MANAGER_ACCESS;
  const { name: kubeScheduler } = SCHEDULER_ACCESS;
  const version = `version="${RELEASE.kubernetes}"`;
  return {
    [manager]: new ControllersComponent({
      cluster,
      opened,
      access: new ProgramAccess(CONTROLLER_MANAGER_ACCESS, access(manager)),
      make: () => controllersOf(cluster, options),
      log: (line) => log(manager, line),
      greeting: () => [klogLine(clock, 'I', 'controllermanager.go:189', `"Starting" ${version}`)],
      started: (controllers) =>
        controllers.map(({ name }) =>
          klogLine(clock, 'I', 'controllermanager.go:748', `"Started controller" controller="${name}"`),
        ),
    }),
    [kubeScheduler]: new ControllersComponent({
      cluster,
      opened,
      access: new ProgramAccess(SCHEDULER_ACCESS, access(kubeScheduler)),
      make: () => [scheduler(cluster, record)],
      log: (line) => log(kubeScheduler, line),
      greeting: () => [klogLine(clock, 'I', 'server.go:175', `"Starting Kubernetes Scheduler" ${version}`)],
      isReadyOnceOpen: true,
    }),
  };
}
