import { LabError } from '../../cluster.ts';

/** What an error of dockerode carries: the system's code, or the status and the text of Docker's answer. */
interface EngineError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly json?: unknown;
  readonly message: string;
}

interface Known {
  readonly sign: RegExp;
  readonly reason: string;
  readonly nextStep: string;
}

/** By the system's code: the socket could not be spoken through. */
const UNREACHABLE: Readonly<Record<string, Omit<Known, 'sign'>>> = {
  ENOENT: {
    reason: 'there is no Docker on this machine, or it is not running: its socket is not there',
    nextStep: 'Install Docker (https://docs.docker.com/engine/install/) and start it: sudo systemctl start docker',
  },
  ECONNREFUSED: {
    reason: 'Docker is not running: nobody answers on its socket',
    nextStep: 'Start it: sudo systemctl start docker (or open Docker Desktop)',
  },
  EACCES: {
    reason: "you may not use Docker's socket",
    nextStep: 'Join its group, then log in again: sudo usermod -aG docker "$USER"',
  },
  ECONNRESET: {
    reason: 'Docker stopped while it was asked',
    nextStep: 'See that it runs (docker info), then try again.',
  },
};

/**
 * By the text of the answer. Where they come from: moby, daemon/names.go, libnetwork/ipamutils, libnetwork/portallocator,
 * daemon/create.go; the system's own words for a full disk.
 */
const REFUSED: readonly Known[] = [
  {
    sign: /no space left on device|disk quota exceeded/i,
    reason: "Docker's disk is full",
    nextStep: 'Make room, for instance: docker system prune',
  },
  {
    sign: /no such image|reference does not exist/i,
    reason: 'Docker does not have that image',
    nextStep: 'Name one that it has (--image name=ref), or bring it: ./breachlab images load FILE',
  },
  {
    sign: /network with name \S+ already exists|name "[^"]*" is already in use/i,
    reason: 'the name is taken, and not by this lab',
    nextStep: 'Create another lab, or remove what has the name.',
  },
  {
    sign: /non-overlapping IPv4 address pool|all predefined address pools have been fully subnetted/i,
    reason: 'Docker has no subnet left for another network',
    nextStep: 'Delete labs or unused networks (docker network prune), or give dockerd more: "default-address-pools".',
  },
  {
    sign: /port is already allocated|address already in use/i,
    reason: 'a port that it needs is taken',
    nextStep: 'End what listens there, or try again: another port is picked.',
  },
  {
    sign: /is not running|no such container|no such exec/i,
    reason: 'the container is gone',
    nextStep: 'Reset the lab, or delete it and create another one.',
  },
  {
    sign: /is paused/i,
    reason: 'the container is paused',
    nextStep: 'Let it run on: docker unpause',
  },
];

/** What a failed call to Docker means, in words: a `LabError` that begins with what was tried, `create the network …`. */
export function engineFailure(error: unknown, whatWasTried: string): Error {
  if (!(error instanceof Error)) return new Error(`could not ${whatWasTried}`, { cause: error });
  if (error instanceof LabError) return error;
  const { code, statusCode, json, message } = error as EngineError;
  const known =
    statusCode === undefined
      ? UNREACHABLE[message === 'socket hang up' || code === 'EPIPE' ? 'ECONNRESET' : String(code)]
      : REFUSED.find(({ sign }) => sign.test(message));
  const said = saidBy(json) ?? message.trim();
  if (known === undefined) {
    return new LabError(`could not ${whatWasTried}: Docker said: ${said}`, 'See what it logs: journalctl -u docker', {
      cause: error,
    });
  }
  return new LabError(`could not ${whatWasTried}: ${known.reason} (${said})`, known.nextStep, { cause: error });
}

/** Docker's answer to what it refuses is `{"message": "…"}`. */
function saidBy(json: unknown): string | undefined {
  const said: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'message') : undefined;
  return typeof said === 'string' ? said.trim() : undefined;
}

/** Whether Docker answered with that status, for instance 404 for what is gone already. */
export const hasStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof Error && statuses.some((status) => (error as EngineError).statusCode === status);
