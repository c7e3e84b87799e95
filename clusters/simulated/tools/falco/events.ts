import type { AuditRecord } from '../../pods/audit-record.ts';
import type { ObservedCall } from '../../hosts/observed-call.ts';
import type { Image } from '../../images/image.ts';
import type { Container, Pod } from '../../kubernetes/model/generated/objects.ts';

/** Whose call it is: what the kubelet started, never what a program says of itself. */
export interface CallingContainer {
  /** As in the pod's status, without `containerd://`. */
  readonly id: string;
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
}

/** A program of somebody who is logged in to the node itself. */
export interface CallingHost {
  readonly host: string;
  /** IPv4, in the cluster's network. */
  readonly address: string;
}

export interface ContainerEvent {
  readonly call: ObservedCall;
  readonly by: CallingContainer;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What happens in the containers of a lab's nodes. */
export interface ContainerEvents {
  /** Hears of the containers of one node from now on. */
  subscribe(node: string, hear: (event: ContainerEvent) => void): Disposable;
  /** Hears what the kernel's audit records of the containers of one node from now on. */
  records(node: string, hear: (record: AuditRecord) => void): Disposable;
}
