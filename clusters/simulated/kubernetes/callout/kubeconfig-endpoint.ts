import { parse } from 'yaml';
import type { ReadFile } from '../flags/read-file.ts';

/** Where a kubeconfig of the API server's own points: a webhook backend with the proofs it wants. */
export interface Endpoint {
  readonly url: string;
  readonly certificateAuthority: string | undefined;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | undefined;
  readonly token: string | undefined;
  readonly skipVerify: boolean;
  readonly serverName: string | undefined;
}

interface Kubeconfig {
  'current-context'?: string;
  contexts?: { name?: string; context?: { cluster?: string; user?: string } }[];
  clusters?: {
    name?: string;
    cluster?: {
      server?: string;
      'certificate-authority'?: string;
      'certificate-authority-data'?: string;
      'insecure-skip-tls-verify'?: boolean;
      'tls-server-name'?: string;
    };
  }[];
  users?: {
    name?: string;
    user?: {
      token?: string;
      'client-certificate'?: string;
      'client-certificate-data'?: string;
      'client-key'?: string;
      'client-key-data'?: string;
    };
  }[];
}

/** client-go asks at least for `/`, and says how long it waits: 30 s, which no kubeconfig can change (apiserver/pkg/util/webhook/webhook.go). */
function requestUrl(server: string): string {
  try {
    const url = new URL(server);
    url.searchParams.set('timeout', '30s');
    return url.href;
  } catch {
    return server; // refused when it is asked
  }
}

/** Reads the current context of a kubeconfig (client-go/tools/clientcmd). Throws with clientcmd's words when it is no good. */
export async function readEndpoint(path: string, read: ReadFile): Promise<Endpoint> {
  const content = await read(path);
  if (content === undefined) throw new Error(`stat ${path}: no such file or directory`);
  let config: Kubeconfig;
  try {
    config = (parse(content.toString('utf8')) ?? {}) as Kubeconfig;
  } catch (error) {
    throw new Error(`error loading config file "${path}": yaml: ${(error as Error).message.split('\n')[0] ?? ''}`, {
      cause: error,
    });
  }
  const contexts = config.contexts ?? [];
  const context = (contexts.find(({ name }) => name === config['current-context']) ?? undefined)?.context;
  if (context === undefined) {
    throw new Error(
      config['current-context'] === undefined || config['current-context'] === ''
        ? 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable'
        : `invalid configuration: context was not found for specified context: ${config['current-context']}`,
    );
  }
  const cluster = config.clusters?.find(({ name }) => name === context.cluster)?.cluster;
  if (cluster?.server === undefined)
    throw new Error(`invalid configuration: cluster "${context.cluster ?? ''}" does not exist`);
  const user = config.users?.find(({ name }) => name === context.user)?.user ?? {};
  const part = async (data: string | undefined, file: string | undefined): Promise<string | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    if (file === undefined) return undefined;
    const found = await read(file.startsWith('/') ? file : `${path.slice(0, path.lastIndexOf('/'))}/${file}`);
    if (found === undefined)
      throw new Error(`invalid configuration: unable to read ${file}: open ${file}: no such file or directory`);
    return found.toString('utf8');
  };
  const certificate = await part(user['client-certificate-data'], user['client-certificate']);
  const key = await part(user['client-key-data'], user['client-key']);
  return {
    url: requestUrl(cluster.server),
    certificateAuthority: await part(cluster['certificate-authority-data'], cluster['certificate-authority']),
    clientCertificate: certificate === undefined || key === undefined ? undefined : { certificate, key },
    token: user.token,
    skipVerify: cluster['insecure-skip-tls-verify'] === true,
    serverName: cluster['tls-server-name'],
  };
}
