import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { FlagReader } from '../../kubernetes/flags/flag-reader.ts';
import type { ReadFile } from '../../kubernetes/flags/read-file.ts';
import { controllerProblems } from './controller-names.ts';
import { CONTROLLER_MANAGER_FLAGS } from './program-flags.ts';
import { type ProgramSettings, readSettings } from './program-settings.ts';

export interface ControllerManagerSettings extends ProgramSettings {
  /** `--controllers` */
  readonly controllers: readonly string[];
}

/** Reads kube-controller-manager's command line. Throws `UnreadCommandLine` or `StartupError`. */
export function controllerManagerSettings(argv: readonly string[]): ControllerManagerSettings {
  const settings = readSettings(CONTROLLER_MANAGER_FLAGS, argv, (flags) => [
    ...(flags.text('leader-elect-resource-lock', 'leases') === 'leases' ? [] : ['resourceLock value must be "leases"']),
    ...controllerProblems(flags.list('controllers')),
  ]);
  return { ...settings, controllers: settings.flags.has('controllers') ? settings.flags.list('controllers') : ['*'] };
}

/** A loop that could not be made, and why. */
export interface UnmadeController {
  readonly controller: string;
  readonly problem: string;
}

/** The files that loops begin with, in the order in which they are looked at, and how a missing or useless one is told. */
const FILES: readonly {
  readonly flag: string;
  readonly controller: string;
  readonly isUsable: (content: Buffer) => boolean;
  readonly useless: string;
  readonly told: (path: string, why: string, flags: FlagReader) => string;
}[] = [
  {
    flag: 'service-account-private-key-file',
    controller: 'serviceaccount-token-controller',
    isUsable: succeeds(createPrivateKey),
    useless: 'data does not contain a valid RSA or ECDSA private key',
    told: (path, why) =>
      `error reading key for service account token controller: ${why.startsWith('open ') ? why : `error reading private key file ${path}: ${why}`}`,
  },
  {
    flag: 'root-ca-file',
    controller: 'serviceaccount-token-controller',
    isUsable: succeeds((content) => new X509Certificate(content)),
    useless: 'data does not contain any valid RSA or ECDSA certificates',
    told: (path, why) => `error parsing root-ca-file at ${path}: ${why}`,
  },
  ...(['cluster-signing-cert-file', 'cluster-signing-key-file'] as const).map((flag) => ({
    flag,
    controller: 'certificatesigningrequest-signing-controller',
    isUsable: () => true,
    useless: '',
    told: (_path: string, why: string, flags: FlagReader) =>
      `failed to init kubernetes.io/kubelet-serving certificate controller: error reading CA cert file ${JSON.stringify(flags.text('cluster-signing-cert-file'))}: ${why}`,
  })),
];

/**
 * Looks for the files that the loops begin with (cmd/kube-controller-manager/app: controllermanager.go, certificates.go): the first that is
 * of no use ends the program. Which keys and certificates they hold beside is not looked at.
 */
export async function unmadeController(
  flags: FlagReader,
  { read, isAsLaid }: { readonly read: ReadFile; readonly isAsLaid: (path: string) => boolean },
  isEnabled: (controller: string) => boolean,
): Promise<UnmadeController | undefined> {
  for (const { flag, controller, isUsable, useless, told } of FILES) {
    const path = flags.text(flag);
    if (path === '' || isAsLaid(path) || !isEnabled(controller)) continue;
    const content = await read(path);
    if (content === undefined)
      return { controller, problem: told(path, `open ${path}: no such file or directory`, flags) };
    if (!isUsable(content)) return { controller, problem: told(path, useless, flags) };
  }
  return undefined;
}

function succeeds(use: (content: Buffer) => unknown): (content: Buffer) => boolean {
  return (content) => {
    try {
      use(content);
      return true;
    } catch {
      return false;
    }
  };
}
