import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { KubeletCluster, KubeletUser } from './kubelet-cluster.ts';
import type { KubeletConfig } from './kubelet-config-file.ts';

const ANONYMOUS: KubeletUser = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Who asks, or undefined for a 401: a client certificate, else a bearer token, else nobody. A credential that is wrong is refused even
 * where anonymous requests are let in (apiserver/pkg/authentication/authenticatorfactory, DelegatingAuthenticatorConfig).
 */
export async function requestUser(
  request: IncomingMessage,
  { authentication }: Pick<KubeletConfig, 'authentication'>,
  cluster: Pick<KubeletCluster, 'authenticateToken'>,
): Promise<KubeletUser | undefined> {
  const certificate = certificateUser(request.socket as TLSSocket, authentication.x509.clientCAFile !== '');
  if (certificate === 'wrong') return undefined;
  if (certificate !== undefined) return certificate;
  const token = /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token !== undefined && authentication.webhook.enabled) {
    const user = await cluster.authenticateToken(token);
    return user && { name: user.name, groups: [...new Set([...user.groups, 'system:authenticated'])] };
  }
  return authentication.anonymous.enabled ? ANONYMOUS : undefined;
}

function certificateUser(socket: TLSSocket, enabled: boolean): KubeletUser | 'wrong' | undefined {
  if (!enabled) return undefined;
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return undefined;
  if (!socket.authorized) return 'wrong';
  const { CN, O } = certificate.subject as { CN?: string; O?: string | string[] }; // several O values arrive as an array
  const groups = O === undefined ? [] : [O].flat();
  return { name: CN ?? '', groups: [...groups, 'system:authenticated'] };
}
