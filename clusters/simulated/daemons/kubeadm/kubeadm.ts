import type { Clock } from '../../clock.ts';
import type { Command, CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import { textTable } from '../text-table.ts';
import { certificateExpiry, type CertificateExpiry } from './certificate-expiry.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The part of `kubeadm` that only looks (kubernetes/cmd/kubeadm/app/cmd); `release` as in `v1.36.0`. */
export function kubeadm(host: SimulatedHost, release: string, clock: Clock): Command {
  return async (call) => {
    const line = call.args.join(' ');
    if (line === 'certs check-expiration' || line === 'alpha certs check-expiration')
      return checkExpiration(host, call, clock);
    if (line === 'version -o short') await call.stdout(`${release}\n`);
    else if (line === 'version') {
      const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(release) ?? [];
      await call.stdout(
        `kubeadm version: &version.Info{Major:"${major}", Minor:"${minor}", GitVersion:"${release}", Platform:"linux/amd64"}\n`,
      );
    } else {
      await call.stderr(
        `not simulated: kubeadm ${line}; there are "kubeadm certs check-expiration" and "kubeadm version"\n`,
      );
      return 1;
    }
    return 0;
  };
}

async function checkExpiration(host: SimulatedHost, call: CommandCall, clock: Clock): Promise<number> {
  const { leaves, authorities } = await certificateExpiry(host);
  const row = ({ name, authority, notAfter }: CertificateExpiry): string[] => {
    const issuer = authority === undefined ? [] : [authority];
    if (notAfter === undefined) return [`!MISSING! ${name}`, '', '', ...issuer.map(() => ''), ''];
    return [name, goDate(notAfter), residual(notAfter - clock.now()), ...issuer, 'no'];
  };
  const managed = 'EXTERNALLY MANAGED';
  await call.stdout(
    `${textTable([['CERTIFICATE', 'EXPIRES', 'RESIDUAL TIME', 'CERTIFICATE AUTHORITY', managed], ...leaves.map(row)], 3)}\n` +
      textTable([['CERTIFICATE AUTHORITY', 'EXPIRES', 'RESIDUAL TIME', managed], ...authorities.map(row)], 3),
  );
  return 0;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Jan 02, 2006 15:04 UTC` */
function goDate(milliseconds: number): string {
  const time = new Date(milliseconds);
  const day = String(time.getUTCDate()).padStart(2, '0');
  return `${MONTHS[time.getUTCMonth()]} ${day}, ${time.getUTCFullYear()} ${time.toISOString().slice(11, 16)} UTC`;
}

/** k8s.io/apimachinery/pkg/util/duration, ShortHumanDuration. */
function residual(milliseconds: number): string {
  if (milliseconds < 0) return '<invalid>';
  if (milliseconds < MINUTE) return `${Math.floor(milliseconds / 1000)}s`;
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)}m`;
  if (milliseconds < DAY) return `${Math.floor(milliseconds / HOUR)}h`;
  return milliseconds < YEAR ? `${Math.floor(milliseconds / DAY)}d` : `${Math.floor(milliseconds / YEAR)}y`;
}
