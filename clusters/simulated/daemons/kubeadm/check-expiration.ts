import { textTable } from '../text-table.ts';
import { certificateExpiry, type CertificateExpiry } from './certificate-expiry.ts';
import { type KubeadmCall, readingConfiguration } from './kubeadm-call.ts';
import { shortHumanDuration } from './short-duration.ts';

/** `kubeadm certs check-expiration` (cmd/kubeadm/app/cmd/certs.go). */
export async function checkExpiration({ host, call, clock }: KubeadmCall): Promise<number> {
  const { leaves, authorities } = await certificateExpiry(host);
  const row = ({ name, authority, notAfter, isExternal }: CertificateExpiry): string[] => {
    const issuer = authority === undefined ? [] : [authority];
    if (notAfter === undefined) return [`!MISSING! ${name}`, '', '', ...issuer.map(() => ''), ''];
    const residual = shortHumanDuration(notAfter - clock.now());
    return [name, goDate(notAfter), residual, ...issuer, isExternal ? 'yes' : 'no'];
  };
  const managed = 'EXTERNALLY MANAGED';
  await call.stdout(
    `${readingConfiguration('check-expiration')}\n` +
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
