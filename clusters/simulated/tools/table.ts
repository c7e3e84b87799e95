import type { HostName } from '../../../protocol/host.ts';
import type { Tool } from './tool.ts';

/** Every modelled security tool, one folder each. */
export const TOOLS: readonly Tool[] = [];

/** The tools of one machine. */
export const toolsOn = (host: HostName): readonly Tool[] => TOOLS.filter(({ on }) => on.includes(host));
