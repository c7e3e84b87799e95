import type { ClientConfig } from './client-config.ts';
import { ClientConfigError } from './kubeconfig-file.ts';

/**
 * The URL that a client's server stands for, without a slash at its end; a host alone gets `https` where there is anything to secure it
 * with (client-go/rest/url_utils.go DefaultServerURL). Throws `ClientConfigError`.
 */
export function serverUrl(config: Omit<ClientConfig, 'token' | 'basic' | 'as'>): string {
  const { server, certificateAuthority, clientCertificate, skipVerify } = config;
  if (typeof parsed(server) === 'object') return server.replace(/\/+$/, '');
  const isSecure = certificateAuthority !== undefined || clientCertificate !== undefined || skipVerify;
  const whole = `${isSecure ? 'https' : 'http'}://${server}`;
  const found = parsed(whole);
  if (typeof found === 'string') throw new ClientConfigError(`parse ${JSON.stringify(whole)}: ${found}`);
  if (!['', '/'].includes(found.path))
    throw new ClientConfigError(`host must be a URL or a host:port pair: ${JSON.stringify(server)}`);
  return whole.replace(/\/+$/, '');
}

/** As Go's net/url reads what has a scheme and a host; a string is what it says of any other text. */
function parsed(text: string): { readonly path: string } | string {
  const [, host, path = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)([^?#]*)/i.exec(text) ?? [];
  if (host === undefined) return 'missing host';
  const [wrong] = /[\s"<>\\^`{|}]/.exec(host) ?? [];
  if (wrong !== undefined) return `invalid character ${JSON.stringify(wrong)} in host name`;
  const [, port] = /^(?:\[[^\]]*\]|[^:]*)(.*)$/.exec(host) ?? [];
  return port === undefined || /^(?::\d*)?$/.test(port) ? { path } : `invalid port ${JSON.stringify(port)} after host`;
}
