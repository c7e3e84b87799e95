import type { HostName } from '../../../protocol/host.ts';
import { AA_STATUS, APPARMOR_STATUS } from './apparmor/aa-status.ts';
import { APPARMOR_PARSER } from './apparmor/apparmor-parser.ts';
import { KUBE_BENCH } from './kube-bench/kube-bench.ts';
import type { Tool } from './tool.ts';
import { TRIVY } from './trivy/trivy.ts';

/** Every modelled security tool, one folder each. */
export const TOOLS: readonly Tool[] = [KUBE_BENCH, APPARMOR_PARSER, AA_STATUS, APPARMOR_STATUS, TRIVY];

/** The tools of one machine. */
export const toolsOn = (host: HostName): readonly Tool[] => TOOLS.filter(({ on }) => on.includes(host));
