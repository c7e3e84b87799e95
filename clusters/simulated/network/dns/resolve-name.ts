import { isIPv4 } from 'node:net';
import { type ClusterObjects, answerOf } from './cluster-names.ts';
import { TYPE } from './message.ts';

/** The address of a host's name as a pod of that namespace finds it, by its search domains; undefined when there is none. */
export function resolveName(host: string, namespace: string, objects: ClusterObjects): string | undefined {
  if (isIPv4(host)) return host;
  if (host === 'localhost') return '127.0.0.1';
  const domains = ['', `.${namespace}.svc.cluster.local`, '.svc.cluster.local', '.cluster.local'];
  for (const domain of domains) {
    const name = `${host}${domain}`.replace(/\.$/, '').toLowerCase();
    const answer = answerOf({ name, type: TYPE.A }, objects);
    const found = answer.records.find((record) => record.type === 'A');
    if (found !== undefined) return found.address;
  }
  return undefined;
}
