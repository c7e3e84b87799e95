import { IMAGES } from '../../images/table.ts';
import { findImage } from '../../images/image.ts';
import type { ObservedCall, ObservedProcess } from '../../hosts/observed-call.ts';
import type { CallingContainer, CallingHost } from './events.ts';
import type { FalcoEvent } from './fields/field.ts';

/** For tests: calls of a program in a container of an ordinary pod. */

const CONTAINER = { name: 'app', image: 'busybox:1.36' };

export const CALLER: CallingContainer = {
  id: '0123456789abcdef'.repeat(4),
  pod: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'shop', uid: 'u-1', labels: { app: 'web' } },
    spec: { nodeName: 'node01', containers: [CONTAINER] },
    status: { podIP: '10.244.1.5', containerStatuses: [] },
  },
  container: CONTAINER,
  image: findImage(IMAGES, 'busybox:1.36') ?? IMAGES[0]!,
};

const PROCESS: ObservedProcess = {
  pid: 4242,
  ppid: 0,
  vpid: 7,
  tty: 0,
  uid: 0,
  gid: 0,
  exepath: '/bin/cat',
  cwd: '/',
  cmdline: 'cat /etc/shadow',
  pcmdline: '',
  names: ['cat'],
};

type Of<T> = Extract<ObservedCall, { type: T }>;

const event = (call: FalcoEvent['call']): FalcoEvent => ({
  number: 1,
  call,
  by: CALLER,
  time: Date.parse('2026-11-23T09:00:00.123Z'),
  hostname: 'node01',
});

export const execEvent = (call: Partial<Of<'execve'>> = {}, process: Partial<ObservedProcess> = {}): FalcoEvent =>
  event({ type: 'execve', path: '/bin/sh', argv: ['sh'], ...call, process: { ...PROCESS, ...process } });

export const openEvent = (
  call: Partial<Extract<ObservedCall, { flags: number }>> = {},
  process: Partial<ObservedProcess> = {},
): FalcoEvent =>
  event({
    type: 'openat',
    path: '/etc/shadow',
    flags: 0,
    error: '',
    isFolder: false,
    ...call,
    process: { ...PROCESS, ...process },
  });

export const changeEvent = (
  type: Extract<ObservedCall, { paths: unknown }>['type'],
  paths: readonly string[],
  { mode, error = '' }: { readonly mode?: number; readonly error?: string } = {},
): FalcoEvent => event({ type, paths, mode, error, process: { ...PROCESS, cmdline: '', names: ['busybox'] } });

export const connectEvent = (call: Partial<Of<'connect'>> = {}): FalcoEvent =>
  event({ type: 'connect', protocol: 'tcp', address: '10.96.0.1', port: 443, ...call, process: PROCESS });

export const HOST_CALLER: CallingHost = { host: 'node01', address: '10.10.0.11' };

/** The same by a program on the node, of an administrator who has become root. */
export const onHost = (event: FalcoEvent): FalcoEvent => {
  const account = { user: 'root', home: '/root', shell: '/bin/bash', group: 'root', login: 1000, loginName: 'admin' };
  return { ...event, by: HOST_CALLER, call: { ...event.call, process: { ...event.call.process, account } } };
};
