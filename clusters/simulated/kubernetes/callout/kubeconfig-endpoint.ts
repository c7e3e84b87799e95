import { loadClientConfig } from '../client-config/client-config.ts';
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

/** Reads the current context of a kubeconfig. Throws with clientcmd's words when it is no good. */
export async function readEndpoint(path: string, read: ReadFile): Promise<Endpoint> {
  const { server, certificateAuthority, clientCertificate, token, skipVerify, serverName } = await loadClientConfig(
    path,
    read,
  );
  return { url: requestUrl(server), certificateAuthority, clientCertificate, token, skipVerify, serverName };
}
