import type { HostName } from '../../../protocol/host.ts';
import { BOM_TOOL } from './bom/bom.ts';
import { AA_COMPLAIN, AA_DISABLE, AA_ENFORCE } from './apparmor/aa-mode.ts';
import { AA_ENABLED } from './apparmor/aa-enabled.ts';
import { AA_STATUS, APPARMOR_STATUS } from './apparmor/aa-status.ts';
import { APPARMOR_PARSER } from './apparmor/apparmor-parser.ts';
import { FALCO } from './falco/falco.ts';
import { COSIGN } from './cosign/cosign.ts';
import { KUBE_BENCH } from './kube-bench/kube-bench.ts';
import { KUBE_LINTER } from './kube-linter/kube-linter.ts';
import { KUBESEC } from './kubesec/kubesec.ts';
import { SYFT_TOOL } from './syft/syft.ts';
import type { Tool } from './tool.ts';
import { TRIVY } from './trivy/trivy.ts';

/** Every modelled security tool, one folder each. */
export const TOOLS: readonly Tool[] = [
  KUBE_BENCH,
  APPARMOR_PARSER,
  AA_ENABLED,
  AA_STATUS,
  APPARMOR_STATUS,
  AA_COMPLAIN,
  AA_DISABLE,
  AA_ENFORCE,
  BOM_TOOL,
  COSIGN,
  FALCO,
  KUBE_LINTER,
  KUBESEC,
  SYFT_TOOL,
  TRIVY,
];

/** The tools of one machine. */
export const toolsOn = (host: HostName): readonly Tool[] => TOOLS.filter(({ on }) => on.includes(host));
