import type { Clock } from '../clock.ts';
import { FolderHost } from '../daemons/folder-host.ts';
import type { Command } from '../hosts/simulated-host.ts';
import type { ToolContext } from './tool.ts';

/** Always the same moment; nothing ever comes due. */
export const STILL_CLOCK: Clock = {
  now: () => Date.parse('2026-11-23T09:00:00Z'),
  after: () => ({ [Symbol.dispose]: () => undefined }),
};

/** Of a machine on which nothing happens. */
export const SILENT: Pick<ToolContext, 'events' | 'log'> = {
  events: {
    subscribe: () => ({ [Symbol.dispose]: () => undefined }),
    records: () => ({ [Symbol.dispose]: () => undefined }),
  },
  log: () => undefined,
};

/** A workstation with tools that need no cluster; commands run in /root. */
export async function workstation(
  tools: Readonly<Record<string, (context: Pick<ToolContext, 'host' | 'clock'>) => Command>>,
  files: Readonly<Record<string, string>> = {},
): Promise<FolderHost> {
  const host = await FolderHost.create('workstation', files);
  for (const [name, tool] of Object.entries(tools)) await host.installCommand(name, tool({ host, clock: STILL_CLOCK }));
  return host;
}
