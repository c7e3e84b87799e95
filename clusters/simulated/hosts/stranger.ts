import { isIPv4 } from 'node:net';
import { HOST_NAMES } from '../../../protocol/host.ts';
import type { DialResult, Vantage } from '../../cluster.ts';
import { dialResult } from './dial-result.ts';
import { nearestAddress, strangersAddress } from './network-plan.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * Whoever else is on the internet: calls leave from the lab's router, which no learner has a hand on, each from another address out there. It
 * knows the lab's machines by name.
 */
export class StrangerOnTheInternet implements Vantage {
  readonly #supervisor: Supervisor;
  #calls = 0;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async dial(to: string, port: number, signal: AbortSignal): Promise<DialResult> {
    const machine = HOST_NAMES.find((name) => name === to && this.#supervisor.hosts.has(name));
    const address = isIPv4(to) ? to : machine && nearestAddress(machine, ['wan']);
    if (address === undefined) return { outcome: 'unresolved', detail: `${to}: name not known on the internet` };
    const own = strangersAddress(this.#calls++);
    return dialResult(await this.#supervisor.dialFromRouter(own, address, port, signal), `${address}:${port}`);
  }
}
