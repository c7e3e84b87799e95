import { parse } from 'yaml';
import { z } from 'zod';
import { askApi, type ApiRequest } from '../../../api-request.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
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

const Kubeconfig = z.object({
  clusters: z
    .array(z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }))
    .min(1),
  users: z
    .array(
      z.object({
        user: z.object({
          'client-certificate-data': z.string().optional(),
          'client-key-data': z.string().optional(),
          'client-certificate': z.string().optional(),
          'client-key': z.string().optional(),
        }),
      }),
    )
    .min(1),
});

/**
 * Reads a kubeconfig of a host. `reachable` is where the API server answers this process. Throws `KubeadmError` in the words of kubeadm
 * (cmd/kubeadm/app/util/kubeconfig/kubeconfig.go).
 */
export async function clusterClient(host: SimulatedHost, path: string, reachable: string): Promise<ClusterClient> {
  const text = await readHostText(host, path).catch(() => undefined);
  if (text === undefined)
    throw new KubeadmError(`failed to load admin kubeconfig: open ${path}: no such file or directory`);
  const read = Kubeconfig.safeParse(parseOrNothing(text));
  const [cluster] = read.data?.clusters ?? [];
  const [user] = read.data?.users ?? [];
  if (cluster === undefined || user === undefined)
    throw new KubeadmError(
      `failed to load admin kubeconfig: error loading config file "${path}": invalid configuration`,
    );
  const { server, 'certificate-authority-data': authority } = cluster.cluster;
  const inline = (data: string | undefined): string | undefined => data && Buffer.from(data, 'base64').toString();
  const fromFile = async (file: string | undefined): Promise<string> =>
    file === undefined ? '' : ((await readHostText(host, file).catch(() => undefined)) ?? '');
  const { user: its } = user;
  const access = {
    server: reachable,
    certificateAuthority: Buffer.from(authority, 'base64').toString(),
    credential: {
      kind: 'certificate' as const,
      certificate: inline(its['client-certificate-data']) ?? (await fromFile(its['client-certificate'])),
      key: inline(its['client-key-data']) ?? (await fromFile(its['client-key'])),
    },
  };
  const ask = async (request: ApiRequest) => {
    const answer = await askApi(access, request).catch((error: unknown) => {
      const isDown = (error as { code?: string }).code === 'ECONNREFUSED';
      const why = isDown
        ? `dial tcp ${new URL(server).host}: connect: connection refused`
        : error instanceof Error
          ? error.message
          : String(error);
      throw new KubeadmError(`Get "${server}${request.path}?timeout=10s": ${why}`);
    });
    if (answer.status >= 400 && answer.status !== 404)
      throw new KubeadmError((answer.body as { message?: string }).message ?? `status ${answer.status}`);
    return answer;
  };
  return {
    server,
    certificateAuthority: access.certificateAuthority,
    async get<T>(at: string) {
      const { status, body } = await ask({ path: at });
      return status === 404 ? undefined : (body as T);
    },
    async change(request) {
      const { status, body } = await ask(request);
      if (status === 404) throw new KubeadmError((body as { message?: string }).message ?? 'not found');
    },
  };
}

function parseOrNothing(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 20 });
  } catch {
    return undefined; // which is then no kubeconfig
  }
}
