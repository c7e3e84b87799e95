import { posix } from 'node:path';
import { containerOf, type FalcoEvent, type Field, type Fields, flag, number, text } from './field.ts';

const file = ({ call }: FalcoEvent) => ('flags' in call ? call : undefined);
const connection = ({ call }: FalcoEvent) => (call.type === 'connect' ? call : undefined);
/** The pod's or the node's own address; the port is not chosen yet when a connection begins. */
const own = (event: FalcoEvent): string | undefined => {
  const called = connection(event);
  if (called === undefined || !('host' in event.by)) return called && containerOf(event)?.pod.status.podIP;
  return called.address.startsWith('127.') ? '127.0.0.1' : event.by.address;
};
const remote = (event: FalcoEvent): string | undefined => connection(event)?.address;
const remotePort = (event: FalcoEvent): number | undefined => connection(event)?.port;
const family = (event: FalcoEvent): '4' | '6' | undefined => {
  const address = remote(event);
  return address === undefined ? undefined : address.includes(':') ? '6' : '4';
};

function nameOf(event: FalcoEvent): string | undefined {
  const opened = file(event);
  if (opened !== undefined) return opened.path;
  const called = connection(event);
  return called && `${own(event) ?? ''}:0->${called.address}:${called.port}`;
}

const net = (describes: string, value: Field['value']): Field => ({ type: 'net', describes, value });
const both = (event: FalcoEvent): readonly string[] | undefined =>
  connection(event) && [own(event), remote(event)].filter((address) => address !== undefined);

export const FD_FIELDS: Fields = {
  'fd.num': number('number of the file, -1 when it cannot be opened; 3, for it is not known before', (event) =>
    file(event) === undefined ? 3 : file(event)?.error === '' ? 3 : -1,
  ),
  'fd.type': text('file, directory, ipv4, ipv6', (event) => {
    const opened = file(event);
    if (opened !== undefined) return opened.isFolder ? 'directory' : 'file';
    const kind = family(event);
    return kind && `ipv${kind}`;
  }),
  'fd.typechar': text('f, d, 4, 6', (event) => {
    const opened = file(event);
    return opened === undefined ? family(event) : opened.isFolder ? 'd' : 'f';
  }),
  'fd.name': text('full path, or both ends of a connection', nameOf),
  'fd.nameraw': text('as fd.name', nameOf),
  'fd.directory': text('folder of the file', (event) => {
    const opened = file(event);
    return opened && posix.dirname(opened.path);
  }),
  'fd.filename': text('name of the file without its folder', (event) => {
    const opened = file(event);
    return opened && posix.basename(opened.path);
  }),
  'fd.ip': text('either address of the connection', both),
  'fd.net': net('either address of the connection, compared with a range', both),
  'fd.cip': text('address of the client', own),
  'fd.cnet': net('address of the client, compared with a range', own),
  'fd.lip': text('address of the pod or node', own),
  'fd.lnet': net('address of the pod or node, compared with a range', own),
  'fd.sip': text('address of the server', remote),
  'fd.snet': net('address of the server, compared with a range', remote),
  'fd.rip': text('address of the other end', remote),
  'fd.rnet': net('address of the other end, compared with a range', remote),
  'fd.port': number('port of the server', remotePort),
  'fd.sport': number('port of the server', remotePort),
  'fd.rport': number('port of the other end', remotePort),
  'fd.l4proto': text('tcp or udp', (event) => connection(event)?.protocol || undefined),
  'fd.sockfamily': text('ip', (event) => (connection(event) === undefined ? undefined : 'ip')),
  'fd.is_server': flag('whether the program is the server', (event) =>
    connection(event) === undefined ? undefined : false,
  ),
  'fd.connected': flag('whether a datagram socket is connected', (event) =>
    connection(event) === undefined ? undefined : true,
  ),
};
