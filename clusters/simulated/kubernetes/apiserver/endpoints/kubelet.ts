import type { Socket } from 'node:net';
import type { Node } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { ApiError, badRequest, notFound } from '../../status.ts';
import { liveObject, writeContext, type ResourceExchange } from '../http/exchange.ts';
import { commonHeaders } from '../http/respond.ts';
import { mustAllow } from '../http/must-allow.ts';
import { admissionRequest } from '../registry/admission-request.ts';
import { isTrue } from '../http/request-info.ts';
import type { KubeletClient } from '../kubelet-client.ts';
import { nodeAddress } from '../proxy/location.ts';

interface Pod extends KubeObject {
  spec: {
    nodeName?: string;
    containers: { name: string }[];
    initContainers?: { name: string }[];
    ephemeralContainers?: { name: string }[];
  };
}

const notSimulated = (what: string): ApiError =>
  new ApiError(501, 'NotImplemented', `not simulated: ${what} without a running node`, {});

/** The kubelet of the node that a pod is on, looked up as upstream does before it dials (pkg/kubelet/client NodeConnectionInfoGetter). */
function kubeletOf({ parts, info }: ResourceExchange, nodeName: string): KubeletClient {
  const nodes = parts.cluster.resource('nodes');
  const node = parts.cluster.get(nodes, '', nodeName);
  if (!node) throw notFound(nodes, nodeName);
  nodeAddress(node as Node);
  if (!parts.kubelet) throw notSimulated(`${info.subresource} of pods`);
  return parts.kubelet;
}

/** `pods/log` (pkg/registry/core/pod/strategy.go LogLocation). */
export async function readLog(exchange: ResourceExchange): Promise<void> {
  const { info, row, response } = exchange;
  const pod = liveObject(exchange) as Pod | undefined;
  if (!pod) throw notFound(row, info.name);
  const { query } = info;
  const container = chooseContainer(pod, query.get('container') ?? '');
  // A pod without a node has no log yet: an empty answer, not an error.
  if (!pod.spec.nodeName) {
    response.writeHead(200, [...commonHeaders(exchange), 'Content-Type', 'text/plain'] as never).end();
    return;
  }
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  const lines = await kubeletOf(exchange, pod.spec.nodeName).log(
    pod,
    {
      container,
      follow: isTrue(query.get('follow')),
      previous: isTrue(query.get('previous')),
      timestamps: isTrue(query.get('timestamps')),
      tailLines: optionalNumber(query, 'tailLines'),
      sinceSeconds: optionalNumber(query, 'sinceSeconds'),
      sinceTime: query.get('sinceTime') ?? undefined,
      limitBytes: optionalNumber(query, 'limitBytes'),
    },
    ended.signal,
  );
  response.writeHead(200, [...commonHeaders(exchange), 'Content-Type', 'text/plain'] as never);
  response.flushHeaders();
  for await (const chunk of lines) {
    if (response.destroyed) return;
    if (!response.write(chunk))
      await new Promise<void>((resume) => {
        response.once('drain', resume);
        response.once('close', resume);
      });
  }
  response.end();
}

function chooseContainer(pod: Pod, asked: string): string {
  const { name } = pod.metadata;
  const names = pod.spec.containers.map((container) => container.name);
  const others = [...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])].map(({ name }) => name);
  if (asked !== '') {
    if (names.includes(asked) || others.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const marked = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (marked !== undefined && names.includes(marked)) return marked;
  if (names.length === 1) return names[0]!;
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${[...others, ...names].join(' ')}]`,
  );
}

/** exec, attach and portforward: admitted as CONNECT, then the connection is the kubelet's. */
export async function connect(exchange: ResourceExchange): Promise<void> {
  const { info, row, parts, user, upgrade, response } = exchange;
  const pod = liveObject(exchange);
  if (!pod) throw notFound(row, info.name);
  // A WebSocket upgrade is a GET, yet it does what the verb `create` guards (AuthorizePodWebsocketUpgradeCreatePermission).
  if (info.verb === 'get') await mustAllow(exchange, 'create');
  const options = Object.fromEntries(info.query);
  const request = admissionRequest({
    row,
    operation: 'CONNECT',
    namespace: info.namespace,
    name: info.name,
    context: writeContext(exchange, options),
  });
  await parts.security.admission.mutate(request);
  await parts.security.admission.validate(request);
  if (info.subresource !== 'portforward') chooseContainer(pod as Pod, info.query.get('container') ?? '');
  const { nodeName } = (pod as Pod).spec;
  if (!nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`);
  const kubelet = kubeletOf(exchange, nodeName);
  if (!upgrade) throw badRequest('Upgrade request required');
  await kubelet.upgrade(pod, {
    subresource: info.subresource as 'exec' | 'attach' | 'portforward',
    query: info.query,
    user,
    request: exchange.request,
    accept: () => {
      response.detachSocket(upgrade.socket as Socket);
      exchange.trail?.responseStarted(101);
    },
    socket: upgrade.socket,
    head: upgrade.head,
  });
}

function optionalNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
