import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';

/** The files that etcd's flags name for its clients, or for its peers. Empty where none is given. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly trustedCaFile: string;
  readonly clientCertAuth: boolean;
  /** How its words tell of a missing flag, up to the URL that wants it: `--cert-file, --key-file) must be provided for client url`. */
  readonly missing: string;
}

/** For node's TLS. */
export interface EtcdTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert?: true;
  readonly rejectUnauthorized?: true;
}

/** Reads them from the host (etcd/client/pkg/transport, TLSInfo.ServerConfig). A string is why there is no TLS. */
export async function readTls(host: SimulatedHost, files: TlsFiles): Promise<EtcdTls | string> {
  const { certFile, keyFile, trustedCaFile, clientCertAuth, missing } = files;
  if (certFile === '' || keyFile === '') return `TLS key/cert (${missing} with HTTPS scheme`;
  const read = async (path: string) => (path === '' ? undefined : await readHostText(host, path));
  const [cert, key, ca] = await Promise.all([certFile, keyFile, trustedCaFile].map(read));
  if (cert === undefined || key === undefined)
    return `open ${cert === undefined ? certFile : keyFile}: no such file or directory`;
  if (trustedCaFile !== '' && ca === undefined) return `open ${trustedCaFile}: no such file or directory`;
  // Naming a CA alone already makes etcd ask for a certificate.
  const asks = clientCertAuth || trustedCaFile !== '';
  const asked = asks ? { requestCert: true as const, rejectUnauthorized: true as const } : {};
  return { cert, key, ...asked, ...(ca === undefined ? {} : { ca }) };
}
