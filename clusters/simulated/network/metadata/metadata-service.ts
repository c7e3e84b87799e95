import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import ipaddr from 'ipaddr.js';
import { LAN } from '../../hosts/network-plan.ts';
import type { Plug, PodSandboxes } from '../../pods/sandbox.ts';
import type { ProxiedNode } from '../proxied-node.ts';
import { instanceData, lookUp } from './instance-data.ts';
import { METADATA_ADDRESS } from './metadata-address.ts';
import { MAX_TOKEN_SECONDS, Tokens } from './tokens.ts';

export interface MetadataRequest {
  readonly sandboxes: PodSandboxes;
  readonly nodes: readonly ProxiedNode[];
  readonly now: () => number;
  /** A word that nobody guesses, another one each time. */
  readonly newSecret: () => string;
}

/**
 * The metadata service of the nodes' cloud, at its address on the lab's network: nodes and pods reach it as packets do. It answers
 * without a session (IMDSv1) and with one (IMDSv2). A session is given to nodes only: the answer to who asks for one may go one hop, which
 * is what EC2 gives an instance that says nothing else (`HttpPutResponseHopLimit`, ModifyInstanceMetadataOptions), and a pod is two away.
 */
export async function startMetadata({ sandboxes, nodes, now, newSecret }: MetadataRequest): Promise<AsyncDisposable> {
  const plug: Plug = {
    node: '',
    bridge: { name: LAN.bridge.name, prefix: 32 },
    ways: [[LAN.range], ...nodes.map(({ podCIDR, address }) => [podCIDR, address] as const)],
  };
  const address = METADATA_ADDRESS;
  const sandbox = await sandboxes.makePod({ hostname: 'metadata', address, plug, node: '', shares: [] });
  const secret = newSecret();
  const tokens = new Tokens(newSecret, now);
  const server = createServer((request, response) => {
    const node = nodeOf(request.socket.remoteAddress ?? '', nodes);
    const isFar = node?.address !== request.socket.remoteAddress;
    if (node === undefined) answer(response, 404, page('404 - Not Found'));
    else if (isFar && request.method === 'PUT') request.socket.setTimeout(LOST_MS, () => request.socket.destroy());
    else reply(request, response, tokens, (path) => lookUp(instanceData(node, secret, now()), path));
  });
  await sandbox.serve(80, (socket) => void server.emit('connection', socket));
  return sandbox;
}

/** Milliseconds until a connection is forgotten whose answer never arrives. */
const LOST_MS = 60_000;

/** The machine that an address belongs to, or the pod of that address runs on. */
function nodeOf(address: string, nodes: readonly ProxiedNode[]): ProxiedNode | undefined {
  return nodes.find(
    (node) =>
      node.address === address ||
      (ipaddr.IPv4.isValid(address) && ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(node.podCIDR))),
  );
}

function reply(
  { method, url = '/', headers }: IncomingMessage,
  response: ServerResponse,
  tokens: Tokens,
  find: (path: string) => string | undefined,
): void {
  const [, version = '', ...rest] = (url.split('?')[0] ?? '').split('/');
  const path = rest.join('/');
  if (method === 'PUT' && path === 'api/token') {
    const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_TOKEN_SECONDS)
      return answer(response, 400, page('400 - Bad Request'));
    response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', seconds);
    return answer(response, 200, tokens.issue(seconds));
  }
  if (method !== 'GET' && method !== 'HEAD') return answer(response, 405, page('405 - Method Not Allowed'));
  const token = headers['x-aws-ec2-metadata-token'];
  if (typeof token === 'string' && !tokens.isValid(token)) return answer(response, 401, page('401 - Unauthorized'));
  if (version === '') return answer(response, 200, VERSIONS.join('\n'));
  const found = VERSIONS.includes(version) ? find(path) : undefined;
  if (found === undefined) return answer(response, 404, page('404 - Not Found'));
  answer(response, 200, found);
}

/** Some of those that the service has. */
const VERSIONS = ['1.0', '2021-07-15', 'latest'];

function answer(response: ServerResponse, status: number, body: string): void {
  const type = status === 200 ? 'text/plain' : 'text/html';
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    server: 'EC2ws',
    connection: 'close',
  });
  response.end(body);
}

const page = (title: string): string =>
  `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>
`;
