import { X509Certificate } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { ciphersOf, minVersionOf } from '../../kubernetes/flags/serving-config.ts';
import { StartupError } from '../../kubernetes/flags/startup-error.ts';
import { newCertificateRequest } from '../../kubernetes/pki/new-request.ts';
import { handedHttps } from '../go-tls.ts';
import { readHostText, UnreadableFile } from '../host-text.ts';
import type { KubeletCluster } from './kubelet-cluster.ts';
import type { KubeletConfig } from './kubelet-config-file.ts';

export interface KubeletServing {
  readonly host: SimulatedHost;
  readonly cluster: KubeletCluster;
  readonly clock: Clock;
  readonly config: KubeletConfig;
  readonly routes: RequestListener;
  /** A serving certificate for a kubelet that signs its own. PEM. */
  readonly makeServingCertificate: () => Promise<Pair>;
  /** A line of the journal: its place in the source, and the message. */
  readonly log: (place: string, message: string) => void;
  /** Aborted when the kubelet ends. */
  readonly signal: AbortSignal;
}

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

const FOLDER = '/var/lib/kubelet/pki';
const CERTIFICATE = `${FOLDER}/kubelet.crt`;
const KEY = `${FOLDER}/kubelet.key`;
/** The certificate that the cluster has signed, with its key. */
const BOOTSTRAPPED = `${FOLDER}/kubelet-server-current.pem`;

/** Suites of TLS 1.3, which Go does not let anybody choose from. */
const ALWAYS_ON = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';
/** A TLS record with the fatal alert internal_error (RFC 8446, 6), which Go sends where it has no certificate. */
const INTERNAL_ERROR = Buffer.from([0x15, 3, 3, 0, 2, 2, 80]);

const failedBy = (why: string): string => `failed to construct kubelet dependencies: ${why}`;

/** What takes the connections of the kubelet's secure port; a string is why there is none (cmd/kubelet/app/server.go InitializeTLS). */
export async function secureListener(serving: KubeletServing): Promise<((socket: Socket) => void) | string> {
  const { host, config } = serving;
  const { clientCAFile } = config.authentication.x509;
  const ca = clientCAFile === '' ? undefined : await clientAuthority(host, clientCAFile);
  if (ca !== undefined && 'problem' in ca)
    return failedBy(`unable to load client CA file ${clientCAFile}: ${ca.problem}`);
  // Who presents nothing may still be let in, so TLS only asks; request-user.ts decides.
  const ask = ca === undefined ? {} : { ca: ca.pem, requestCert: true, rejectUnauthorized: false };
  try {
    const ciphers = ciphersOf(config.tlsCipherSuites);
    const terms: ServerOptions = {
      minVersion: minVersionOf(config.tlsMinVersion),
      ...(ciphers === undefined ? {} : { ciphers: `${ALWAYS_ON}:${ciphers}` }),
      ...ask,
    };
    const open = ({ certificate, key }: Pair) => handedHttps({ ...terms, cert: certificate, key }, serving.routes);
    if (config.serverTLSBootstrap) return await bootstrapped(serving, open);
    const pair = await ownPair(serving);
    return typeof pair === 'string' ? pair : open(pair);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failedBy(error instanceof StartupError ? why : `tls: ${why}`);
  }
}

async function clientAuthority(host: SimulatedHost, path: string): Promise<{ pem: string } | { problem: string }> {
  try {
    const pem = await readHostText(host, path);
    if (pem === undefined) return { problem: `open ${path}: no such file or directory` };
    return isCertificate(pem) ? { pem } : { problem: 'data does not contain any valid RSA or ECDSA certificates' };
  } catch (error) {
    if (error instanceof UnreadableFile) return { problem: error.message };
    throw error;
  }
}

/** The files that the configuration names, or else those that the kubelet makes itself. */
async function ownPair({ host, config, makeServingCertificate }: KubeletServing): Promise<Pair | string> {
  const own = config.tlsCertFile === '' && config.tlsPrivateKeyFile === '';
  const files = own ? { cert: CERTIFICATE, key: KEY } : { cert: config.tlsCertFile, key: config.tlsPrivateKeyFile };
  const [certificate, key] = await Promise.all([readHostText(host, files.cert), readHostText(host, files.key)]);
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (!own) return failedBy(`open ${certificate === undefined ? files.cert : files.key}: no such file or directory`);
  const made = await makeServingCertificate();
  await Promise.all([
    host.writeFile(CERTIFICATE, Buffer.from(made.certificate), { mode: 0o644 }),
    host.writeFile(KEY, Buffer.from(made.key), { mode: 0o600 }),
  ]);
  return made;
}

/**
 * With `serverTLSBootstrap` the kubelet asks the cluster for its certificate, and has none until somebody has approved the request
 * (pkg/kubelet/certificate/kubelet.go NewKubeletServerCertificateManager).
 */
async function bootstrapped(serving: KubeletServing, open: (pair: Pair) => (socket: Socket) => void) {
  const { host, cluster, clock, log, signal } = serving;
  const before = await readHostText(host, BOOTSTRAPPED).catch(() => undefined);
  if (before !== undefined && isCertificate(before)) return open({ certificate: before, key: before });
  let serve: ((socket: Socket) => void) | undefined;
  const { name, address } = cluster.node;
  const { request, key } = newCertificateRequest({
    subject: { commonName: `system:node:${name}`, organizations: ['system:nodes'] },
    dnsNames: [name],
    addresses: [address],
  });
  const take = async (): Promise<void> => {
    const certificate = await cluster.requestServing(request, signal);
    if (certificate === undefined || signal.aborted) return;
    const file = `${FOLDER}/kubelet-server-${new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')}.pem`;
    await host.writeFile(file, Buffer.from(certificate + key), { mode: 0o600 });
    await host.makeLink(BOOTSTRAPPED, file);
    serve = open({ certificate, key });
  };
  log('certificate_manager.go:566', '"Rotating certificates" logger="kubernetes.io/kubelet-serving"');
  take().catch(() => undefined); // the host, or the cluster, is gone
  return (socket: Socket): void => {
    if (serve !== undefined) return serve(socket);
    socket.once('data', () => socket.end(INTERNAL_ERROR));
  };
}

/** Whether it begins with a certificate (client-go/util/cert/pem.go, ParseCertsPEM). */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
