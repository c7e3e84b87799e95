import type { HostName } from '../../../protocol/host.ts';
import { type Host, LabError, type SeedFile } from '../../cluster.ts';
import type { PrepareStep } from './step.ts';
import { accountsStep, filesStep, kubeconfigStep, namesStep, sshStep, unitStep } from './steps.ts';

/** What is known of a lab when its hosts are made fit for a scenario. */
export interface LabFacts {
  /** IPv4 on the lab's network, by host. */
  readonly addresses: ReadonlyMap<HostName, string>;
  /** The administrator's kubeconfig as it works inside the lab: `https://controlplane:6443`. */
  readonly adminKubeconfig: string;
}

/**
 * Names by which clients inside the lab reach the API server: kubeadm's `apiServer.certSANs`. Two of them are kind's own, which a patch
 * of the list replaces.
 */
export const API_SERVER_NAMES: readonly string[] = ['controlplane', 'localhost', '127.0.0.1'];

/**
 * What makes a node (`controlplane`, `node01`) the scenario's machine, in order. It must have booted: its services are systemd's. `files`
 * are the seed's of all hosts.
 */
export function nodeSteps(name: HostName, files: readonly SeedFile[], facts: LabFacts): readonly PrepareStep[] {
  const own = files.filter(({ host }) => host === name);
  return [
    ...machineSteps(name, own, facts),
    ...(configures(own, '/etc/ssh/') ? [unitStep('ssh.service', 'starting SSH')] : []),
    ...(configures(own, '/etc/docker/') ? [unitStep('docker.service', 'starting Docker')] : []),
  ];
}

/** The same for a host without systemd: `workstation`, `bastion`, `internet`. */
export function hostSteps(name: HostName, files: readonly SeedFile[], facts: LabFacts): readonly PrepareStep[] {
  const own = files.filter(({ host }) => host === name);
  return [...machineSteps(name, own, facts), ...(configures(own, '/etc/ssh/') ? [sshStep] : [])];
}

/** All that a stranger on the internet is to know: names, which no learner can change there. */
export const strangerSteps = ({ addresses }: LabFacts): readonly PrepareStep[] => [namesStep(addresses)];

function machineSteps(name: HostName, own: readonly SeedFile[], facts: LabFacts): readonly PrepareStep[] {
  const isAdministrators = name === 'workstation' || name === 'controlplane';
  return [
    namesStep(facts.addresses),
    accountsStep(own),
    ...(isAdministrators ? [kubeconfigStep(facts.adminKubeconfig)] : []),
    filesStep(own),
  ];
}

const configures = (own: readonly SeedFile[], folder: string): boolean =>
  own.some(({ path }) => path.startsWith(folder));

/** Runs the steps one after the other. Throws `LabError` that names the host and what was being done. */
export async function prepareHost(host: Host, steps: readonly PrepareStep[], signal: AbortSignal): Promise<void> {
  for (const step of steps) {
    try {
      await step.run(host, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { message, nextStep } =
        error instanceof LabError ? error : { message: String(error), nextStep: 'Create the lab again.' };
      throw new LabError(`${host.name} could not be prepared (${step.doing}): ${message}`, nextStep, { cause: error });
    }
  }
}
