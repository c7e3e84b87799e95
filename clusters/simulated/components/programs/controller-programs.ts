import { scheduler } from '../../kubernetes/scheduler/scheduler.ts';
import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import type { EventRecorder } from '../../kubernetes/controllers/events.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { ProgramAccessOptions } from '../access/program-access.ts';
import { CONTROLLER_MANAGER_ACCESS, SCHEDULER_ACCESS } from '../access/program-rows.ts';
import type { Component } from '../component.ts';
import { isControllerEnabled } from '../flags/controller-names.ts';
import {
  controllerManagerSettings,
  type ControllerManagerSettings,
  unmadeController,
} from '../flags/controller-manager-settings.ts';
import { type SchedulerSettings, schedulerSettings } from '../flags/scheduler-settings.ts';
import { klogLine } from '../klog.ts';
import { type ControllerManagerOptions, controllersOf, startedNames } from './controller-manager.ts';
import { type Program, ProgramComponent, type ProgramSurroundings } from './program-component.ts';

export interface ControllerProgramsOptions
  extends ControllerManagerOptions, Omit<ProgramSurroundings, 'access' | 'log' | 'reviews' | 'newId'> {
  /** For the scheduler's events. */
  readonly record: EventRecorder;
  /** Adds a line to the log of the container of that name. */
  readonly log: (container: string, line: string) => void;
  /** How the container of that name comes to the API server. */
  readonly access: (container: string) => ProgramAccessOptions;
  /** What it asks the API server about its callers, as that user. */
  readonly reviews: (user: string) => ProgramSurroundings['reviews'];
}

/** The control plane's programs that are loops, by the name of their container. */
export function controllerPrograms(options: ControllerProgramsOptions): Readonly<Record<string, Component>> {
  const { cluster, log, access, reviews, randomness } = options;
  const around = (name: string): ProgramSurroundings => ({
    ...options,
    access: access(name),
    reviews: reviews(`system:${name}`),
    newId: () => randomness.uuid(),
    log: (line) => log(name, line),
  });
  const { name: manager } = CONTROLLER_MANAGER_ACCESS;
  const { name: kubeScheduler } = SCHEDULER_ACCESS;
  return {
    [manager]: new ProgramComponent(controllerManager(cluster, options, access(manager)), around(manager)),
    [kubeScheduler]: new ProgramComponent(
      theScheduler(cluster, options.record, access(kubeScheduler)),
      around(kubeScheduler),
    ),
  };
}

const VERSION = `version="${RELEASE.kubernetes}"`;
const LEADER = 'leaderElection';
const HANDLERS = 'sched-handler-sync';

/** cmd/kube-scheduler/app/server.go Run */
const theScheduler = (
  cluster: Cluster,
  record: EventRecorder,
  { read }: ProgramAccessOptions,
): Program<SchedulerSettings> => ({
  row: SCHEDULER_ACCESS,
  settings: (argv) => schedulerSettings(argv, read),
  greeting: () => [klogLine(cluster.clock, 'I', 'server.go:175', `"Starting Kubernetes Scheduler" ${VERSION}`)],
  endpoints({ leaderElection }, isOpen) {
    const elected = leaderElection.leaderElect ? [LEADER] : [];
    return {
      checks: {
        healthz: elected.length > 0 ? elected : ['ping'],
        livez: ['ping'],
        readyz: [...elected, 'shutdown', HANDLERS],
      },
      problemOf: (check) => (check === HANDLERS && !isOpen() ? 'handlers are not fully synchronized' : undefined),
    };
  },
  loops: ({ schedulerNames }) => [scheduler(cluster, record, schedulerNames)],
});

/** cmd/kube-controller-manager/app/controllermanager.go Run */
function controllerManager(
  cluster: Cluster,
  options: ControllerManagerOptions,
  { read, isAsLaid }: ProgramAccessOptions,
): Program<ControllerManagerSettings> {
  const line = (severity: 'I' | 'E', place: string, message: string): string =>
    klogLine(cluster.clock, severity, place, message);
  const enabledBy = (given: readonly string[]) => (name: string) => isControllerEnabled(name, given);
  return {
    row: CONTROLLER_MANAGER_ACCESS,
    settings: (argv) => Promise.resolve(controllerManagerSettings(argv)),
    greeting: () => [line('I', 'controllermanager.go:189', `"Starting" ${VERSION}`)],
    endpoints({ leaderElection, controllers }) {
      const checks = [
        ...(leaderElection.leaderElect ? [LEADER] : []),
        ...startedNames(cluster, options, enabledBy(controllers)),
      ];
      return { checks: { healthz: checks }, problemOf: () => undefined };
    },
    loops: ({ controllers }) => controllersOf(cluster, options, enabledBy(controllers)),
    async unmade({ flags, controllers }) {
      const unmade = await unmadeController(flags, { read, isAsLaid }, enabledBy(controllers));
      if (unmade === undefined) return undefined;
      const { controller, problem } = unmade;
      const which = `err=${JSON.stringify(problem)} controller="${controller}"`;
      return [
        line('E', 'controllermanager.go:637', `"Error initializing a controller" ${which}`),
        line('E', 'controllermanager.go:258', `"Error building controllers" err=${JSON.stringify(problem)}`),
      ];
    },
    started: ({ controllers }) =>
      startedNames(cluster, options, enabledBy(controllers)).map((name) =>
        line('I', 'controllermanager.go:748', `"Started controller" controller="${name}"`),
      ),
  };
}
