import { X509Certificate } from 'node:crypto';
import { parseDocument } from 'yaml';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Issuer } from '../../../pki/certificate.ts';
import { issueCertificate, issuerOf } from '../../../pki/issuer.ts';
import { readHostText } from '../host-text.ts';
import { AUTHORITIES, type AuthorityName, CERTIFICATES, type ManagedCertificate } from './certificate-list.ts';
import { type KubeadmCall, readingConfiguration } from './kubeadm-call.ts';
import { KubeadmError } from './kubeadm-error.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;
const CLOCK_SKEW_MS = 5 * 60 * 1000;
const DONE =
  '\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.\n';

/**
 * `kubeadm certs renew NAME|all`: a new key and a certificate for a year with the subject and names of the one that lies there, signed by
 * the authority's key on the host (cmd/kubeadm/app/phases/certs/renewal/manager.go). What runs goes on with the old ones.
 */
export async function renew({ host, call, clock, words: [name] }: KubeadmCall): Promise<number> {
  const chosen = name === 'all' ? CERTIFICATES : CERTIFICATES.filter((one) => one.name === name);
  if (chosen.length === 0) throw new KubeadmError(`unknown command "${name ?? ''}" for "kubeadm certs renew"`);
  await call.stdout(`${readingConfiguration('renew')}\n`);
  for (const one of chosen) {
    const outcome = await renewOne(host, one, clock.now());
    const said = {
      renewed: `${one.longName} renewed`,
      missing: `MISSING! ${one.longName}`,
      external: `Detected external ${one.authority}, ${one.longName} can't be renewed`,
    }[outcome];
    await call.stdout(`${said}\n`);
  }
  if (name === 'all') await call.stdout(DONE);
  return 0;
}

async function renewOne(
  host: SimulatedHost,
  one: ManagedCertificate,
  now: number,
): Promise<'renewed' | 'missing' | 'external'> {
  const path = `/etc/kubernetes/${one.file}`;
  const text = await readHostText(host, path).catch(() => undefined);
  if (text === undefined) return 'missing';
  const issuer = await authorityOn(host, one.authority);
  if (issuer === undefined) return 'external';
  const document = one.file.endsWith('.conf') ? parseDocument(text) : undefined;
  const at = ['users', 0, 'user'];
  const inline = document?.getIn([...at, 'client-certificate-data']);
  const before = certificateIn(document === undefined ? text : Buffer.from(String(inline), 'base64').toString());
  if (before === undefined) throw new KubeadmError(`failed to load existing certificate ${one.name}`);
  const { certificate, key } = issueCertificate({
    ...termsOf(before),
    issuer,
    notBefore: now - CLOCK_SKEW_MS,
    notAfter: now + YEAR_MS,
    extendedKeyUsage: one.usage,
  });
  if (document === undefined) {
    await host.writeFile(path, Buffer.from(certificate), { mode: 0o644 });
    await host.writeFile(path.replace(/\.crt$/, '.key'), Buffer.from(key), { mode: 0o600 });
  } else {
    document.setIn([...at, 'client-certificate-data'], Buffer.from(certificate).toString('base64'));
    document.setIn([...at, 'client-key-data'], Buffer.from(key).toString('base64'));
    await host.writeFile(path, Buffer.from(document.toString({ lineWidth: 0 })), { mode: 0o600 });
  }
  return 'renewed';
}

/** An authority whose key lies on the host. */
async function authorityOn(host: SimulatedHost, authority: AuthorityName): Promise<Issuer | undefined> {
  const [key, certificate] = await Promise.all(
    ['key', 'crt'].map((suffix) =>
      readHostText(host, `/etc/kubernetes/${AUTHORITIES[authority]}.${suffix}`).catch(() => undefined),
    ),
  );
  if (key === undefined || certificate === undefined || certificateIn(certificate) === undefined) return undefined;
  return issuerOf(certificate, key);
}

function certificateIn(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined; // the learner has broken the file
  }
}

/** Whom a certificate is for. */
function termsOf({ subject, subjectAltName = '' }: X509Certificate) {
  const values = (key: string): string[] =>
    subject.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
  const names = subjectAltName.split(', ');
  const named = (kind: string): string[] =>
    names.flatMap((one) => (one.startsWith(`${kind}:`) ? [one.slice(kind.length + 1)] : []));
  return {
    subject: { commonName: values('CN')[0] ?? '', organizations: values('O') },
    dnsNames: named('DNS'),
    addresses: named('IP Address'),
  };
}
