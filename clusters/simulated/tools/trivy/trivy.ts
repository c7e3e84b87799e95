import type { Command } from '../../hosts/simulated-host.ts';
import { IMAGES } from '../../images/table.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { CONFIG_OPTIONS, scanConfig } from './config-command.ts';
import { FS_OPTIONS, scanFiles } from './fs-command.ts';
import { IMAGE_OPTIONS, scanImage } from './image-command.ts';
import { SBOM_OPTIONS, scanBill } from './sbom-command.ts';
import { Fatal, logTime, readLine, TRIVY_VERSION, type TrivyCall } from './trivy-call.ts';
import { TRIVY_HELP } from './help.ts';
import { withHelp } from '../help.ts';

const VERBS = {
  image: { table: IMAGE_OPTIONS, run: (trivy: TrivyCall) => scanImage(trivy, IMAGES) },
  config: { table: CONFIG_OPTIONS, run: scanConfig },
  sbom: { table: SBOM_OPTIONS, run: scanBill },
  fs: { table: FS_OPTIONS, run: (trivy: TrivyCall) => scanFiles(trivy, 'fs') },
  rootfs: { table: FS_OPTIONS, run: (trivy: TrivyCall) => scanFiles(trivy, 'rootfs') },
  repo: { table: FS_OPTIONS, run: (trivy: TrivyCall) => scanFiles(trivy, 'repo') },
};

const ALIASES: Readonly<Record<string, keyof typeof VERBS>> = {
  i: 'image',
  image: 'image',
  conf: 'config',
  config: 'config',
  sbom: 'sbom',
  fs: 'fs',
  filesystem: 'fs',
  rootfs: 'rootfs',
  repo: 'repo',
  repository: 'repo',
};

const NOT_SIMULATED = new Set(
  'aws clean client completion convert k8s kubernetes module plugin registry server vex vm'.split(' '),
);

/** `trivy` over the image table and the files of its host (github.com/aquasecurity/trivy, docs/docs/references/configuration/cli). */
export const trivy =
  ({ host, clock }: Pick<ToolContext, 'host' | 'clock'>): Command =>
  async (call) => {
    const [name = '', ...args] = call.args;
    try {
      if (name === '--version' || name === '-v' || name === 'version') {
        await call.stdout(
          `Version: ${TRIVY_VERSION} (Breachlab's model of trivy: it knows the images and advisories of this lab)\n`,
        );
        return 0;
      }
      const verb = ALIASES[name];
      if (verb !== undefined) {
        const line = readLine(verb, args, VERBS[verb].table);
        return await VERBS[verb].run({ call, host, clock, ...line });
      }
      if (NOT_SIMULATED.has(name))
        throw new Fatal(`not simulated: trivy ${name}; there are ${Object.keys(VERBS).join(', ')}`);
      throw new Fatal(`unknown command "${name}" for "trivy"`);
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      const refusal = error.message.startsWith('not simulated: ');
      await call.stderr(refusal ? `${error.message}\n` : `${logTime(clock)}\tFATAL\tFatal error\t${error.message}\n`);
      return 1;
    }
  };

export const TRIVY: Tool = {
  name: 'trivy',
  on: ['workstation', 'controlplane'],
  command: (context) => withHelp('trivy', TRIVY_HELP, trivy(context)),
};
