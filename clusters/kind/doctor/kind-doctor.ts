import { type Finding, LabError } from '../../cluster.ts';
import { connectEngine, type Engine } from '../docker/engine.ts';
import { type ImageChoices, nodeReference } from '../images/choices.ts';
import { findImage } from '../images/docker-images.ts';
import { capacityFindings } from './capacity.ts';
import { cgroupFindings } from './cgroup-version.ts';
import { readMachineFacts } from './machine-facts.ts';

export interface KindDoctorRequest {
  readonly socketPath: string;
  /** What `kind version` says. Rejects with `LabError` where there is none that serves. */
  readonly kindVersion: () => Promise<string>;
  readonly choices: ImageChoices;
  readonly signal: AbortSignal;
}

/** What this machine lacks for kind labs, with the remedy, and how many it can hold. Changes nothing. */
export async function kindDoctor(request: KindDoctorRequest): Promise<readonly Finding[]> {
  const [kind, docker] = await Promise.all([
    request.kindVersion().then(() => [], asFinding(request.signal)),
    connectEngine({ socketPath: request.socketPath }, request.signal).then(
      (engine) => dockerFindings(engine, request),
      asFinding(request.signal),
    ),
  ]);
  return [...kind, ...docker];
}

async function dockerFindings(engine: Engine, { choices, signal }: KindDoctorRequest): Promise<readonly Finding[]> {
  const node = choices.own.get('node-prepared') ?? nodeReference(choices);
  const [facts, image] = await Promise.all([readMachineFacts(engine, signal), findImage(engine, node, signal)]);
  return [
    ...cgroupFindings(facts.cgroupVersion, node),
    ...(engine.info.isRootless ? [WITHOUT_ROOT] : []),
    ...capacityFindings(facts),
    ...(image === undefined ? [notPulled(node)] : []),
  ];
}

const WITHOUT_ROOT: Finding = {
  what: 'Docker runs without root, which kind supports where control groups are delegated to it, and labs were not tried on',
  remedy:
    'Use a Docker that runs as root, or see https://kind.sigs.k8s.io/docs/user/rootless for what to delegate (cpu, cpuset, io, memory, pids).',
  severity: 'warning',
};

const notPulled = (node: string): Finding => ({
  what: `the node image is not here yet: ${node}`,
  remedy:
    'The first lab pulls it (about 400 MB); without internet: ./breachlab images load FILE, or --image node=REFERENCE.',
  severity: 'note',
});

/** An expected failure as a finding that keeps labs from running. */
const asFinding =
  (signal: AbortSignal) =>
  (error: unknown): readonly Finding[] => {
    signal.throwIfAborted();
    if (!(error instanceof LabError)) throw error;
    return [{ what: error.message, remedy: error.nextStep, severity: 'error' }];
  };
