import type { Clock } from '../../clock.ts';
import { type Ask, listed, type LogLine, refusalsOf } from '../../components/access/asks.ts';
import { Connection, doubling } from '../../components/access/connection.ts';
import type { ApiClient } from '../../kubernetes/client-config/api-client.ts';

export interface KubeletConnectionRequest {
  readonly node: string;
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly opened: () => void;
}

/** Milliseconds; how long it waits before it asks for its lease again (component-helpers/apimachinery/lease/controller.go). */
const wait = doubling(200, 7000);

/** A kubelet's way to the API server: it has come through once it may list what it follows, and has its lease. */
export function kubeletConnection({ node, client, clock, log, opened }: KubeletConnectionRequest): Connection {
  let failures = 0;
  const lease: Ask = {
    path: `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}?timeout=10s`,
    what: `leases.coordination.k8s.io ${node}`,
    refused: (error) => [
      ...unregistered(node, error, client.server),
      {
        place: 'controller.go:145',
        message: `"Failed to ensure lease exists, will retry" err=${JSON.stringify(error)} interval="${interval(wait(failures))}"`,
      },
    ],
    mayBeAbsent: true,
  };
  const asks = [
    listed('v1.Node', '/api/v1/nodes', `fieldSelector=metadata.name%3D${node}&`),
    listed('v1.Service', '/api/v1/services', 'fieldSelector=spec.clusterIP%21%3DNone&'),
    listed('v1.CSIDriver', '/apis/storage.k8s.io/v1/csidrivers'),
    listed('v1.RuntimeClass', '/apis/node.k8s.io/v1/runtimeclasses'),
    lease,
  ];
  return new Connection({
    clock,
    log,
    opened,
    wait,
    attempt() {
      failures += 1;
      return refusalsOf(client, [asks], clock);
    },
  });
}

/** Who is not even let in cannot register its node either (pkg/kubelet/kubelet_node_status.go). */
function unregistered(node: string, error: string, server: string): readonly LogLine[] {
  const [asked] = /^Get "[^"]*"/.exec(error) ?? [];
  if (asked === undefined && error !== 'Unauthorized') return [];
  const own = asked === undefined ? error : error.replace(asked, `Post "${server}/api/v1/nodes"`);
  return [
    {
      place: 'kubelet_node_status.go:107',
      message: `"Unable to register node with API server" err=${JSON.stringify(own)} node="${node}"`,
    },
  ];
}

const interval = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
