import type { ObservedCall } from '../../../hosts/observed-call.ts';
import type { CallingContainer, CallingHost } from '../events.ts';

/** A call as rules look at it. */
export interface FalcoEvent {
  /** Counts the events that a falco has seen, from 1. */
  readonly number: number;
  readonly call: Exclude<ObservedCall, { type: 'lost' }>;
  readonly by: CallingContainer | CallingHost;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of the node. */
  readonly hostname: string;
}

/** Undefined for a program of the node itself. */
export const containerOf = ({ by }: FalcoEvent): CallingContainer | undefined => ('host' in by ? undefined : by);

/** Undefined is `<NA>`: a field that the event does not have. A list holds when one of its items does. */
export type FieldValue = string | number | boolean | readonly string[] | readonly number[] | undefined;

/**
 * A field of events (falcosecurity/libs, userspace/libsinsp/sinsp_filtercheck_*.cpp). `net` is compared with IPv4 ranges. `argument`: whether
 * it takes one in brackets.
 */
export interface Field {
  readonly type: 'text' | 'number' | 'flag' | 'net';
  readonly describes: string;
  readonly argument?: 'optional' | 'needed';
  value(event: FalcoEvent, argument: string | undefined): FieldValue;
}

export type Fields = Readonly<Record<string, Field>>;

export const text = (describes: string, value: Field['value'], argument?: Field['argument']): Field => ({
  type: 'text',
  describes,
  value,
  ...(argument === undefined ? {} : { argument }),
});
export const number = (describes: string, value: Field['value']): Field => ({ type: 'number', describes, value });
export const flag = (describes: string, value: Field['value']): Field => ({ type: 'flag', describes, value });
