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
  /** What was done, by a component that writes events.k8s.io/v1 (client-go/tools/events): `Binding`. */
  readonly action?: string;
  /** The other object of that action. */
  readonly related?: KubeObject;
}

/** Writes Events; one that says the same again raises the count (client-go/tools/record EventCorrelator, tools/events for series). */
export type EventRecorder = (facts: EventFacts) => Promise<void>;

export function eventRecorder(cluster: Cluster): EventRecorder {
  const events = cluster.resource('events');
  let sequence = 0;
  return async ({ about, type, reason, message, component, host, fieldPath, action, related }) => {
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
        if (action === undefined) {
          draft['count'] = Number(draft['count'] ?? 1) + 1;
          draft['lastTimestamp'] = now;
        } else {
          const { count = 1 } = (draft['series'] ?? {}) as { count?: number };
          draft['series'] = { count: count + 1, lastObservedTime: microTime(now) };
        }
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
      involvedObject: { ...referenceTo(about), ...(fieldPath === undefined ? {} : { fieldPath }) },
      reason,
      message,
      type,
      reportingComponent: component,
      ...(action === undefined
        ? {
            source: { component, ...(host === undefined ? {} : { host }) },
            firstTimestamp: now,
            lastTimestamp: now,
            count: 1,
            eventTime: null,
            reportingInstance: host ?? '',
          }
        : {
            source: {},
            firstTimestamp: null,
            lastTimestamp: null,
            eventTime: microTime(now),
            reportingInstance: host === undefined ? component : `${component}-${host}`,
            action,
            ...(related === undefined ? {} : { related: referenceTo(related) }),
          }),
    };
    // A namespace on its way out takes no more events; nothing depends on this one.
    await cluster.create(events, event).catch(() => undefined);
  };
}

/** metav1.MicroTime of a whole second. */
const microTime = (second: string): string => second.replace(/Z$/, '.000000Z');

const referenceTo = ({ apiVersion, kind, metadata }: KubeObject): object => ({
  kind,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name,
  uid: metadata.uid,
  apiVersion,
  resourceVersion: metadata.resourceVersion,
});
