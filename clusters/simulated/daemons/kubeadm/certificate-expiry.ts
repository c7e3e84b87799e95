import { X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';
import { AUTHORITIES, type AuthorityName, CERTIFICATES } from './certificate-list.ts';

export interface CertificateExpiry {
  readonly name: string;
  /** Who signed it, by kubeadm's name; undefined for an authority. */
  readonly authority: string | undefined;
  /** Milliseconds since 1970; undefined when the file is missing or holds no certificate. */
  readonly notAfter: number | undefined;
  /** Whether the key of who signed it is not on the host. */
  readonly isExternal: boolean;
}

/** Reads when the certificates of /etc/kubernetes end, as they lie on the host now. */
export async function certificateExpiry(
  host: SimulatedHost,
): Promise<{ readonly leaves: readonly CertificateExpiry[]; readonly authorities: readonly CertificateExpiry[] }> {
  const textOf = (file: string): Promise<string | undefined> =>
    readHostText(host, `/etc/kubernetes/${file}`).catch(() => undefined);
  const keys = Object.entries(AUTHORITIES).map(async ([name, file]) => [name, await textOf(`${file}.key`)] as const);
  const without = new Set((await Promise.all(keys)).flatMap(([name, key]) => (key === undefined ? [name] : [])));
  const read = async (name: string, authority: AuthorityName | undefined, file: string): Promise<CertificateExpiry> => {
    const text = await textOf(file);
    return {
      name,
      authority,
      notAfter: text === undefined ? undefined : notAfter(text, file.endsWith('.conf')),
      isExternal: without.has(authority ?? name),
    };
  };
  const [leaves, authorities] = await Promise.all([
    Promise.all(CERTIFICATES.map(({ name, authority, file }) => read(name, authority, file))),
    Promise.all(Object.entries(AUTHORITIES).map(([name, file]) => read(name, undefined, `${file}.crt`))),
  ]);
  return { leaves, authorities };
}

const Kubeconfig = z.object({
  users: z.array(z.object({ user: z.object({ 'client-certificate-data': z.string() }) })).min(1),
});

function notAfter(text: string, inKubeconfig: boolean): number | undefined {
  try {
    const pem = inKubeconfig
      ? Buffer.from(
          Kubeconfig.parse(parse(text, { maxAliasCount: 20 })).users[0]?.user['client-certificate-data'] ?? '',
          'base64',
        )
      : text;
    return new X509Certificate(pem).validToDate.getTime();
  } catch {
    return undefined; // the learner has broken the file, and kubeadm calls it missing
  }
}
