import type { KubeObject } from '../object.ts';
import { timestamp } from '../../clock.ts';
import type { Cluster } from '../store/cluster.ts';

export interface EventFacts {
  /** What it is about. */
  readonly about: KubeObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `deployment-controller`, `kubelet`, … */
  readonly component: string;
  /** Node name, for what happens on a node. */
  readonly host?: string;
  /** `spec.containers{web}` */
  readonly fieldPath?: string;
}

/** Writes Events; one that says the same again raises the count (client-go/tools/record EventCorrelator). */
export type EventRecorder = (facts: EventFacts) => Promise<void>;

export function eventRecorder(cluster: Cluster): EventRecorder {
  const events = cluster.resource('events');
  let sequence = 0;
  return async ({ about, type, reason, message, component, host, fieldPath }) => {
    const { namespace = 'default', name, uid } = about.metadata;
    const now = timestamp(cluster.clock);
    const same = cluster.list(events, namespace).find((event) => {
      const involved = event['involvedObject'] as { uid?: string; fieldPath?: string };
      return (
        involved.uid === uid &&
        event['reason'] === reason &&
        event['message'] === message &&
        involved.fieldPath === fieldPath
      );
    });
    if (same !== undefined) {
      const key = { namespace, name: same.metadata.name };
      await cluster.modify(events, key, (draft) => {
        draft['count'] = Number(draft['count'] ?? 1) + 1;
        draft['lastTimestamp'] = now;
      });
      return;
    }
    sequence += 1;
    // Upstream names an event after the nanosecond; ours count on from the millisecond, so two never share a name.
    const moment = (BigInt(cluster.clock.now()) * 1_000_000n + BigInt(sequence)).toString(16);
    const event: KubeObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${moment}`, namespace },
      involvedObject: {
        kind: about.kind,
        ...(about.metadata.namespace === undefined ? {} : { namespace: about.metadata.namespace }),
        name,
        uid,
        apiVersion: about.apiVersion,
        resourceVersion: about.metadata.resourceVersion,
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
    // A namespace on its way out takes no more events; nothing depends on this one.
    await cluster.create(events, event).catch(() => undefined);
  };
}
