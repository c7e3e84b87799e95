import type { Clock } from '../../clock.ts';
import type { Command, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Randomness } from '../../kubernetes/randomness.ts';
import { installedRelease } from '../apt/dpkg-status.ts';
import { optionTable, parseLine } from '../command-line.ts';
import { checkExpiration } from './check-expiration.ts';
import { clusterClient } from './cluster-client.ts';
import { listImages } from './images.ts';
import type { KubeadmCall } from './kubeadm-call.ts';
import { KubeadmError } from './kubeadm-error.ts';
import { renew } from './renew.ts';
import { createToken, deleteTokens, generateToken, listTokens } from './tokens.ts';
import { upgradeApply, upgradeNode, upgradePlan } from './upgrade.ts';
import { version } from './version.ts';

export interface KubeadmOptions {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** What is told where dpkg knows nothing of the package; as in `v1.36.0`. */
  readonly release: string;
}

const OPTIONS = optionTable(
  '-o --output=',
  '-f --force',
  '-y --yes',
  '-v --v=',
  '--kubeconfig=',
  '--config=',
  '--cert-dir=',
  '--dry-run',
  '--ttl=',
  '--usages=',
  '--groups=',
  '--description=',
  '--print-join-command',
  '--kubernetes-version=',
  '--image-repository=',
  '--ignore-preflight-errors=',
  '--allow-missing-template-keys[=]',
  '--certificate-renewal[=]',
  '--etcd-upgrade[=]',
  '--patches=',
);

const VERBS: Readonly<Record<string, (call: KubeadmCall) => Promise<number>>> = {
  'certs check-expiration': checkExpiration,
  'certs renew': renew,
  'config images list': listImages,
  'token create': createToken,
  'token delete': deleteTokens,
  'token generate': generateToken,
  'token list': listTokens,
  'upgrade apply': upgradeApply,
  'upgrade node': upgradeNode,
  'upgrade plan': upgradePlan,
  version,
};

/** `kubeadm` (kubernetes/cmd/kubeadm/app/cmd), of the release of the host's package, as far as it looks, tells and writes here. */
export function kubeadm({ host, clock, randomness, release }: KubeadmOptions): Command {
  return async (call) => {
    const line = parseLine(call.args, OPTIONS);
    const given = (line.outcome === 'parsed' ? line.words : []).join(' ');
    const name = Object.keys(VERBS).find((verb) => given === verb || given.startsWith(`${verb} `));
    const run = name === undefined ? undefined : VERBS[name];
    if (line.outcome === 'wrong' || name === undefined || run === undefined) {
      const what = `kubeadm ${call.args.join(' ')}`;
      await call.stderr(`not simulated: ${what}; there are ${Object.keys(VERBS).join(', ')}\n`);
      return 1;
    }
    try {
      return await run({
        host,
        clock,
        randomness,
        call,
        release: (await installedRelease(host, 'kubeadm')) ?? release,
        options: line.options,
        words: line.words.slice(name.split(' ').length),
        cluster: (path) => clusterClient(host, path),
      });
    } catch (error) {
      if (!(error instanceof KubeadmError)) throw error;
      const isRefusal = error.message.startsWith('not simulated');
      const hint = 'To see the stack trace of this error execute with --v=5 or higher\n';
      await call.stderr(isRefusal ? `${error.message}\n` : `error: ${error.message}\n${hint}`);
      return 1;
    }
  };
}
