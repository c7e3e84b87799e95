import type { KubeObject } from '../../object.ts';
import { ApiError } from '../../status.ts';
import { negotiate } from '../encode/negotiate.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { sendList, sendObject } from '../http/respond.ts';
import { readSelection } from './selection.ts';

/** pkg/registry/core/componentstatus/rest.go: nothing of it is stored, each request asks anew. */
export function componentStatuses(exchange: ResourceExchange): void {
  const { row, info, parts, request } = exchange;
  const format = negotiate(request.headers.accept, false);
  const all = Object.entries(parts.componentHealth).map(([name, problem]) => statusOf(name, problem()));
  if (info.verb === 'list') {
    const wants = readSelection(row, info.query);
    const found = wants === undefined ? all : all.filter(wants);
    return sendList(exchange, found, {}, format);
  }
  const found = all.find(({ metadata }) => metadata.name === info.name);
  if (found === undefined) throw new ApiError(500, '', `Component not found: ${info.name}`);
  return sendObject(exchange, 200, found, format);
}

const statusOf = (name: string, problem: string | undefined): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ComponentStatus',
  metadata: { name },
  conditions: [{ type: 'Healthy', status: problem === undefined ? 'True' : 'False', message: problem ?? 'ok' }],
});
