import { afterAll, beforeAll, describe } from 'vitest';
import type { HostName } from '../../protocol/host.ts';
import { dialContract } from './dial-contract.ts';
import { fileContract } from './file-contract.ts';
import type { HostsUnderTest } from './hosts-under-test.ts';
import { programContract } from './program-contract.ts';
import { shellContract } from './shell-contract.ts';

export interface HostSubject {
  readonly title: string;
  /** Why it cannot run on this machine. */
  readonly skipped?: string;
  readonly start: (hosts: readonly HostName[]) => Promise<HostsUnderTest & AsyncDisposable>;
}

/** What each backend's `Host` does (clusters/cluster.ts); what only one kind of host does is tested beside its code. */
export function hostContract({ title, skipped, start }: HostSubject): void {
  describe.skipIf(skipped !== undefined)(`${title}${skipped ?? ''}`, () => {
    let started: HostsUnderTest & AsyncDisposable;
    beforeAll(async () => {
      started = await start(['workstation', 'node01']);
    });
    afterAll(() => started?.[Symbol.asyncDispose]());
    const hosts: HostsUnderTest = {
      on: (name) => started.on(name),
      sh: (...line) => started.sh(...line),
    };

    describe('a program', () => {
      programContract(hosts);
    });
    describe('a file', () => {
      fileContract(hosts);
    });
    describe('a shell', () => {
      shellContract(hosts);
    });
    describe('a dial', () => {
      dialContract(hosts);
    });
  });
}
