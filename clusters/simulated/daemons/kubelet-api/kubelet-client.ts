import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { klogLine } from '../../components/klog.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Dial } from '../../kubernetes/callout/https-call.ts';
import { ApiClient } from '../../kubernetes/client-config/api-client.ts';
import { type ClientConfig, loadClientConfig } from '../../kubernetes/client-config/client-config.ts';
import { ClientConfigError } from '../../kubernetes/client-config/kubeconfig-file.ts';
import { tlsProblem } from '../../kubernetes/client-config/tls-problem.ts';
import type { ReadFile } from '../../kubernetes/flags/read-file.ts';
import { lastOption, type Options } from '../command-line.ts';
import { readHostText } from '../host-text.ts';
import type { KubeletConfig } from './kubelet-config-file.ts';

export interface KubeletClientRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly config: KubeletConfig;
  readonly options: Options;
  readonly dial: Dial;
}

export type KubeletClientRead =
  | { readonly outcome: 'client'; readonly client: ApiClient }
  /** Without a kubeconfig it runs its static pods and speaks with nobody. */
  | { readonly outcome: 'standalone' }
  /** What `"command failed" err=` says, after those lines. */
  | { readonly outcome: 'failed'; readonly lines: readonly string[]; readonly error: string };

/**
 * The client by which a kubelet reaches the API server, of the kubeconfigs that its command line names (cmd/kubelet/app/server.go
 * buildKubeletClientConfig, pkg/kubelet/certificate/bootstrap/bootstrap.go). A kubeconfig whose certificate is no good any more is as good
 * as none where there is one to bootstrap with.
 */
export async function kubeletClient(request: KubeletClientRequest): Promise<KubeletClientRead> {
  const { config, options, host, clock, dial } = request;
  const path = lastOption(options, 'kubeconfig');
  const bootstrap = lastOption(options, 'bootstrap-kubeconfig');
  if (!path) return { outcome: 'standalone' };
  const read: ReadFile = async (file) => {
    const text = await readHostText(host, file);
    return text === undefined ? undefined : Buffer.from(text);
  };
  const failed = (error: string, lines: readonly string[] = []): KubeletClientRead => ({
    outcome: 'failed',
    error: `failed to run Kubelet: ${error}`,
    lines,
  });
  const around = !bootstrap && config.rotateCertificates ? 'unable to load kubeconfig' : 'invalid kubeconfig';
  try {
    if (bootstrap) {
      const doubt = await whyNotValid(path, read, clock.now());
      const lines =
        doubt === undefined || doubt === '' ? [] : [klogLine(clock, 'E', 'bootstrap.go:266', unhandled(doubt))];
      if (doubt !== undefined) return failed(await bootstrapProblem(bootstrap, read), lines);
    }
    const client = new ApiClient(await loadClientConfig(path, read), { dial, userAgent: 'kubelet' });
    return { outcome: 'client', client };
  } catch (error) {
    if (error instanceof ClientConfigError) return failed(`${around}: ${error.message}`);
    throw error;
  }
}

const unhandled = (error: string): string => `"Unhandled Error" err=${JSON.stringify(error)} logger="UnhandledError"`;

/** Why a kubeconfig is not one to go on with; an empty text where there is none. `now` in milliseconds since 1970. */
async function whyNotValid(path: string, read: ReadFile, now: number): Promise<string | undefined> {
  let config: ClientConfig;
  try {
    config = await loadClientConfig(path, read);
  } catch (error) {
    if (!(error instanceof ClientConfigError)) throw error;
    const isAbsent = error.message === `stat ${path}: no such file or directory`;
    return isAbsent ? '' : `unable to read existing bootstrap client config from ${path}: ${error.message}`;
  }
  const problem = tlsProblem(config);
  if (problem !== undefined)
    return `unable to load TLS configuration from existing bootstrap client config read from ${path}: ${problem}`;
  const { certificate } = config.clientCertificate ?? {};
  if (certificate === undefined)
    return `unable to load TLS certificates from existing bootstrap client config read from ${path}: data does not contain any valid RSA or ECDSA certificates`;
  const expiry = new X509Certificate(certificate).validToDate;
  if (expiry.getTime() >= now) return undefined;
  const told = expiry
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, ' +0000 UTC');
  return `part of the existing bootstrap client certificate in ${path} is expired: ${told}`;
}

async function bootstrapProblem(path: string, read: ReadFile): Promise<string> {
  try {
    await loadClientConfig(path, read);
  } catch (error) {
    if (error instanceof ClientConfigError) return `unable to load bootstrap kubeconfig: ${error.message}`;
    throw error;
  }
  return `not simulated: asking for a client certificate by ${path}; give the kubelet a kubeconfig with one`;
}
