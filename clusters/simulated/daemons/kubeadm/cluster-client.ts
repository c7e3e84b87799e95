import type { ApiRequest } from '../../../api-request.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { ApiClient } from '../../kubernetes/client-config/api-client.ts';
import { loadClientConfig } from '../../kubernetes/client-config/client-config.ts';
import { ClientConfigError } from '../../kubernetes/client-config/kubeconfig-file.ts';
import { dialFromHost } from '../../network/dial-from-host.ts';
import { readHostText } from '../host-text.ts';
import { KubeadmError } from './kubeadm-error.ts';

/** The cluster by a kubeconfig. */
export interface ClusterClient {
  /** As the kubeconfig names it: `https://10.10.0.10:6443`. */
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** The object at a path; undefined where there is none. Throws `KubeadmError` for any other answer. */
  get<T>(path: string): Promise<T | undefined>;
  /** Throws `KubeadmError` unless it is done. */
  change(request: ApiRequest): Promise<void>;
}

/**
 * Reads a kubeconfig of a host, by whose network the API server is reached. Throws `KubeadmError` in the words of kubeadm
 * (cmd/kubeadm/app/util/kubeconfig/kubeconfig.go).
 */
export async function clusterClient(host: SimulatedHost, path: string): Promise<ClusterClient> {
  const { config, client } = await clientOf(host, path);
  const { server } = client;
  const ask = async ({ method = 'GET', path: at, ...more }: ApiRequest): Promise<{ status: number; body: unknown }> => {
    const answer = await client.ask({ method, path: at, ...more }).catch((error: unknown) => {
      const verb = `${method.charAt(0)}${method.slice(1).toLowerCase()}`;
      throw new KubeadmError(`${verb} "${server}${at}?timeout=10s": ${(error as Error).message}`);
    });
    const body = bodyOf(answer.body);
    if (answer.status >= 400 && answer.status !== 404)
      throw new KubeadmError((body as { message?: string } | undefined)?.message ?? `status ${answer.status}`);
    return { status: answer.status, body };
  };
  return {
    server,
    certificateAuthority: config.certificateAuthority ?? '',
    async get<T>(at: string) {
      const { status, body } = await ask({ path: at });
      return status === 404 ? undefined : (body as T);
    },
    async change(request) {
      const { status, body } = await ask(request);
      if (status === 404) throw new KubeadmError((body as { message?: string } | undefined)?.message ?? 'not found');
    },
  };
}

async function clientOf(host: SimulatedHost, path: string) {
  const read = async (file: string): Promise<Buffer | undefined> => {
    const text = await readHostText(host, file);
    return text === undefined ? undefined : Buffer.from(text);
  };
  try {
    if ((await read(path)) === undefined) throw new ClientConfigError(`open ${path}: no such file or directory`);
    const config = await loadClientConfig(path, read);
    return { config, client: new ApiClient(config, { dial: dialFromHost(host), userAgent: 'kubeadm' }) };
  } catch (error) {
    throw new KubeadmError(`failed to load admin kubeconfig: ${(error as Error).message}`);
  }
}

/** Undefined for what is no JSON: somebody else answers there. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
